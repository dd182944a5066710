"""The pages: the archive's results, put into templates. No figure and no sentence is made here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from twitchwatch.archive.nights import RatedNight
from twitchwatch.clock.dates import evening
from twitchwatch.foreign import harmless
from twitchwatch.journal.entry import Entry
from twitchwatch.journal.fields import FIELDS
from twitchwatch.journal.tonight import evening_and_slept
from twitchwatch.store import DEMO_HARDWARE_ID, Device
from twitchwatch.web import annotating, drawing, heat, vendor
from twitchwatch.web.asking import Asking, Trend
from twitchwatch.wording import absence
from twitchwatch.wording import findings as finding_words
from twitchwatch.wording import journal as journal_words
from twitchwatch.wording import live as live_words
from twitchwatch.wording import morning as morning_words
from twitchwatch.wording import nights as night_words
from twitchwatch.wording.annotating import annotated_words
from twitchwatch.wording.night_parts import hour_rows, night_row, spent_rows
from twitchwatch.wording.sensors import stored_rows, sync_words
from twitchwatch.wording.units import MODELLED, NO_DIAGNOSIS, plural, span

PAGES = (
    ("/", "This morning"),
    ("/trend", "Trend"),
    ("/findings", "Findings"),
    ("/journal", "Journal"),
    ("/live", "Live"),
    ("/sensors", "Sensors"),
)


def _source(name: str) -> str:
    return (resources.files("twitchwatch.web") / "templates" / name).read_text("utf-8")


def _commands(words: str) -> Markup:
    """A sentence whose commands, in backticks, are marked up as code."""
    parts = harmless(words).split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if i % 2 else escape(part) for i, part in enumerate(parts)
    )


_TEMPLATES = Environment(
    loader=FunctionLoader(_source),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=lambda value: harmless(value) if type(value) is str else value,
)
_TEMPLATES.filters.update(commands=_commands, evening=evening, plural=plural, span=span)
_TEMPLATES.globals.update(pages=PAGES, no_diagnosis=NO_DIAGNOSIS, draw=drawing)
_TEMPLATES.globals.update(demo=DEMO_HARDWARE_ID, modelled=MODELLED)


def _draw(template: str, here: str, title: str, **values: Any) -> str:
    return _TEMPLATES.get_template(template).render(here=here, title=title, charts=vendor.present(), **values)


def morning(asking: Asking) -> str:
    """Last night, compared with the nights before it."""
    found = asking.mornings()
    return _draw(
        "morning.html",
        "/",
        "This morning",
        mornings=[(one, morning_words.view_of(one)) for one in found],
        words=morning_words,
        questions=[one for one in FIELDS if one.when == "morning"],
        nothing=night_words.NOTHING_YET,
    )


def night(
    asking: Asking, sensor: str, when: date, wrong: str = "", typed: Mapping[str, str] | None = None
) -> str:
    """One night: its strip, its hours, its tremor, every event, and its annotations.

    wrong: with a form as it was typed.
    """
    rated, whole = asking.night(sensor, when)
    return _draw(
        "night.html",
        "/trend",
        f"Night of {evening(when)}",
        rated=rated,
        night=whole,
        said=[
            night_words.sentence(rated),
            *night_words.range_reported(rated),
            *night_words.parts_reported(whole),
            *night_words.caveats(whole),
            *annotated_words(rated),
        ],
        hours=hour_rows(whole, 0),
        spent=spent_rows(whole),
        wrong=wrong,
        **annotating.parts(asking, rated, whole, typed or {}),
        found=[
            (finding_words.title_line(flag), flag)
            for flag in finding_words.of_night(asking.findings(), rated.night)
        ],
    )


def trend(asking: Asking) -> str:
    """Every night, the newest first, and what is missing between them."""
    trends = asking.trends()

    def noted(one: Trend) -> dict[date, str]:
        return {night: journal_words.entry_words(entry.current) for night, entry in one.noted.items()}

    return _draw(
        "trend.html",
        "/trend",
        "Trend",
        trends=[
            {
                "sensor": one.sensor,
                "chart": drawing.trend(one.rated, one.absent, noted(one), one.places, one.limits),
                "axis": drawing.trend_axis(one.rated),
                "calendar": heat.calendar(one.rated, one.absent),
                "legend": heat.legend(one.rated),
                "notes": sorted(noted(one).items(), reverse=True),
                "places": one.places,
                "limits": night_words.limit_words(one.limits),
                "rows": _rows(one.rated),
                "absent": [absence.absence_words(each) for each in one.absent],
                "remarks": night_words.remarks(one.rated),
            }
            for one in trends
        ],
        weekdays=heat.weekdays(),
        nothing=night_words.NOTHING_YET,
    )


def findings(asking: Asking) -> str:
    """What stands out, the most urgent first."""
    found = asking.findings()
    return _draw(
        "findings.html",
        "/findings",
        "Findings",
        groups=finding_words.by_urgency([flag for flag in found if flag.state == "new"]),
        folded=[flag for flag in found if flag.state != "new"],
        # Nothing was looked at.
        nothing="" if asking.status() else night_words.NOTHING_YET,
        from_demo=any(flag.identity == DEMO_HARDWARE_ID for flag in found),
        words=finding_words,
    )


def journal(
    asking: Asking,
    typed: Mapping[str, str] | None = None,
    wrong: str = "",
    noted: Mapping[date, Entry] | None = None,
) -> str:
    """The forms of the evening and the morning, and what was noted."""
    spent, slept = evening_and_slept()
    answers: list[str] = []
    if noted:
        answers = journal_words.symptom_answers({night: one.current for night, one in noted.items()})
    return _draw(
        "journal.html",
        "/journal",
        "Journal",
        evening_fields=[one for one in FIELDS if one.when == "evening"],
        morning_fields=[one for one in FIELDS if one.when == "morning"],
        spent=spent,
        slept=slept,
        typed=typed or {},
        wrong=wrong,
        noted=[(night, journal_words.entry_words(one.current)) for night, one in (noted or {}).items()],
        answers=answers,
        entries=[
            (one.night, journal_words.entry_words(one.sealed), journal_words.entry_words(one.later))
            for one in asking.entries()
        ],
    )


def live(asking: Asking) -> str:
    """What arrives at this moment; until the stream says more, when each sensor was last met."""
    return _draw(
        "live.html",
        "/live",
        "Live",
        words=live_words,
        known=[(device, sync_words(sync)) for device, sync in asking.last_met()],
        seconds=range(1, 11),
    )


def sensors(asking: Asking) -> str:
    """What is stored for each sensor: its newest log, and, folded, the earlier ones."""
    logs: dict[str, list[tuple[Device, list[tuple[str, str]]]]] = {}
    for one in sorted(asking.status(), key=lambda one: -one.device.last_seen_utc_us):
        logs.setdefault(one.device.hardware_id, []).append((one.device, stored_rows(one)))
    return _draw(
        "sensors.html",
        "/sensors",
        "Sensors",
        sensors=list(logs.values()),
        nothing=night_words.NOTHING_YET,
    )


def recording(files: Sequence[Path], number: int) -> str:
    """All samples of one recording."""
    here = f"/recordings/{number}"
    return _draw("recording.html", here, files[number].name, files=files, file=files[number], number=number)


def with_recordings() -> None:
    """Lead from every page to the first recording."""
    _TEMPLATES.globals["pages"] = (*PAGES, ("/recordings/0", "Recording"))


def problem(words: str) -> str:
    """A page that explains what went wrong."""
    return _draw("problem.html", "", "Twitchwatch", words=words)


def _rows(rated: Sequence[RatedNight]) -> list[tuple[date, tuple[str, ...]]]:
    return [(one.night.date, night_row(one)) for one in reversed(rated)]
