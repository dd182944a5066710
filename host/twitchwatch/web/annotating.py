"""Annotations on the page of a night: what it shows of them, and what its forms change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from twitchwatch.analysis.annotations import LEFT_OUT, NO_TREMOR, TREMOR, TWITCH
from twitchwatch.analysis.night import NightEvent, TremorBout, WholeNight
from twitchwatch.archive import annotating
from twitchwatch.archive.annotations import NOTE, VERDICT
from twitchwatch.archive.nights import Archive, RatedNight
from twitchwatch.errors import UsageError
from twitchwatch.views.strip import start_of
from twitchwatch.web.answers import page_answer, read_form, which_night
from twitchwatch.web.asking import Asking
from twitchwatch.wording.annotating import (
    VERDICTS,
    annotation_words,
    compared_rows,
    verdict_words,
    when_words,
)
from twitchwatch.wording.units import magnitude, span

# Each event that is ticked is a field; a night of more is corrected in two steps, or by kind and time.
MAX_FIELDS = 5000
KINDS = (TWITCH, "unlike", "jerk", "spasm", "movement", TREMOR)

# Draws the page of a night: sensor, date, what is wrong, and the form as it was filled in.
Draw = Callable[[Asking, str, date, str, Mapping[str, str]], str]


def routes(asking: Asking, draw: Draw) -> list[Route]:
    """The routes by which annotations are added and taken back."""

    async def add(request: Request) -> Response:
        form = await read_form(request, MAX_FIELDS)
        return await changed(
            request, form, lambda archive, now: _add(archive, *which_night(request), form, now)
        )

    async def remove(request: Request) -> Response:
        number = request.path_params["number"]

        def work(archive: Archive, now_utc_us: int) -> str:
            annotating.take_back(archive, number, now_utc_us)
            return "annotations"

        return await changed(request, {}, work)

    async def changed(
        request: Request, form: Mapping[str, Sequence[str]], work: Callable[[Archive, int], str]
    ) -> Response:
        sensor, night = which_night(request)
        try:
            place = await run_in_threadpool(asking.change, work)
        except UsageError as error:
            typed = {name: values[0] for name, values in form.items() if name != "event"}
            page = await run_in_threadpool(draw, asking, sensor, night, str(error), typed)
            return page_answer(page, 422)
        # As the links of the pages spell it.
        path = quote(f"/nights/{sensor}/{night}", safe="/:")
        return RedirectResponse(f"{path}#{place}", 303)

    own = "/nights/{sensor}/{night}/annotations"
    return [
        Route(own, add, methods=["POST"]),
        Route(own + "/{number:int}/remove", remove, methods=["POST"]),
    ]


def _add(
    archive: Archive, sensor: str, when: date, form: Mapping[str, Sequence[str]], now_utc_us: int
) -> str:
    """Add what a form says; returns the place on the page to go on from."""

    def field(name: str) -> str:
        return form.get(name, [""])[0].strip()

    night = annotating.whole_night(archive, sensor, when)
    what, words = field("what"), field("words")
    if what == VERDICT:
        wanted = [one for one in form.get("event", []) if one]
        if kind := field("kind"):
            begin, end = (field(name) for name in ("from", "to"))
            from_us = annotating.moment_in(night, begin) if begin else night.start_utc_us
            until_us = annotating.moment_in(night, end) if end else night.end_utc_us
            wanted = annotating.of_kind(night, kind, from_us, until_us)
        annotating.judge(archive, night, wanted, field("verdict"), words, now_utc_us)
        return f"at-{wanted[0]}" if field("here") else "figures"
    begin_us = annotating.moment_in(night, field("from"))
    end_us = annotating.moment_in(night, field("to")) if field("to") else None
    if what == NOTE:
        annotating.note_moment(archive.store, night, begin_us, end_us, words, now_utc_us)
        return "annotations"
    if what == LEFT_OUT and end_us is not None:
        annotating.leave_out(archive.store, night, begin_us, end_us, words, now_utc_us)
        return "figures"
    raise UsageError("State from when to when.")


def parts(asking: Asking, rated: RatedNight, whole: WholeNight, typed: Mapping[str, str]) -> dict[str, Any]:
    """What the page of a night shows of its annotations."""
    entries = asking.change(lambda archive, _: annotating.own_annotations(archive, whole))
    start_us = start_of(whole)
    shown = annotating.shown_events(whole)
    return {
        "compared": compared_rows(rated),
        "typed": typed,
        "kinds": KINDS,
        "verdicts": VERDICTS,
        "annotations": [
            {
                "id": one.id,
                "when": when_words(one, whole),
                "words": annotation_words(one),
                "taken_back": one.taken_back,
                # To where the strip jumps: from this many seconds, for this many.
                "place": f"from-{max(0, (one.from_utc_us - start_us) // 1_000_000)}-"
                f"{((one.until_utc_us or one.from_utc_us) - one.from_utc_us) // 1_000_000}",
            }
            for one in entries
        ],
        "events": [_event(one, whole) for one in shown if isinstance(one, NightEvent)],
        "bouts": [_bout(one, whole) for one in shown if not isinstance(one, NightEvent)],
    }


def _event(event: NightEvent, night: WholeNight) -> dict[str, str]:
    return {
        "id": annotating.event_id(event),
        "at": annotating.clock_of(event.utc_us, night),
        "kind": verdict_words(event.kind, event.verdict),
        "peak": magnitude(event.peak_mg, "mg"),
        "lasted": span(event.duration_ms / 1000),
    }


def _bout(bout: TremorBout, night: WholeNight) -> dict[str, str]:
    left = bout not in night.bouts and bout.verdict != NO_TREMOR
    return {
        "id": annotating.event_id(bout),
        "at": annotating.clock_of(bout.utc_us, night),
        "kind": verdict_words(LEFT_OUT if left else TREMOR, bout.verdict),
        "lasted": span(bout.duration_s),
        "frequency": f"{bout.frequency_hz:.1f} Hz",
        "amplitude": magnitude(bout.amplitude_mg, "mg"),
    }
