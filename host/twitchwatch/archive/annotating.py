"""Annotating: entries are checked against the night that they are about, and added."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from twitchwatch.analysis.annotations import LEFT_OUT, NO_TREMOR, NO_TWITCH, OF_BOUTS, OF_EVENTS, TREMOR
from twitchwatch.analysis.night import Night, NightEvent, TremorBout, WholeNight
from twitchwatch.archive.annotations import NOTE, TAKEN_BACK, VERDICT, Annotation, body_of
from twitchwatch.archive.nights import Archive
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import iso, zone_of
from twitchwatch.errors import UsageError
from twitchwatch.foreign import one_line
from twitchwatch.store import Store
from twitchwatch.views.annotating import AnnotationView

MAX_WORDS = 200
_NOON = time(12)
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")


def event_id(one: NightEvent | TremorBout) -> str:
    """The number of an event as people type it: the start of the sensor, and its record."""
    return f"{one.boot_id}.{one.seq}"


def shown_events(night: WholeNight) -> list[NightEvent | TremorBout]:
    """Everything in a night that can be judged: what counts, and what was taken out; in order."""
    found: list[NightEvent | TremorBout] = [*night.events, *night.bouts, *(one.of for one in night.uncounted)]
    return sorted(found, key=lambda one: one.utc_us)


def night_with(archive: Archive, nights: Iterable[Night], wanted: str) -> WholeNight:
    """The one that has the event of this number. Raises UsageError if none or several do."""
    boot_id, seq = _numbers(wanted)
    found = []
    for night in nights:
        if not archive.may_hold(night, seq):
            continue
        whole = archive.whole(night)
        if any((one.boot_id, one.seq) == (boot_id, seq) for one in shown_events(whole)):
            found.append(whole)
    if len(found) > 1:
        named = " and ".join(f"{one.device} ({evening(one.date)})" for one in found)
        raise UsageError(f"There are several events {wanted}: of {named}. Name one with --sensor or --night.")
    if not found:
        raise UsageError(f"There is no event {wanted}. `twitchwatch events` lists them with their numbers.")
    return found[0]


def of_kind(night: WholeNight, kind: str, from_us: int, until_us: int) -> list[str]:
    """The numbers of all events of this kind that began in [from_us, until_us); tremor: the bouts."""
    own: Sequence[NightEvent | TremorBout] = (
        night.bouts if kind == TREMOR else [one for one in night.events if one.kind == kind]
    )
    return [event_id(one) for one in own if from_us <= one.utc_us < until_us]


def judge(
    archive: Archive, night: WholeNight, wanted: Sequence[str], verdict: str, words: str, now_utc_us: int
) -> int:
    """Record what these events were; returns the entry's number. Raises UsageError."""
    known = {event_id(one): one for one in shown_events(night)}
    if not wanted:
        raise UsageError("There are no such events in that time, so nothing was annotated.")
    events = []
    for each in wanted:
        _numbers(each)
        if (one := known.get(each)) is None:
            raise UsageError(f"There is no event {each} in the night of {evening(night.date)}.")
        bout = isinstance(one, TremorBout)
        if verdict not in (OF_BOUTS if bout else OF_EVENTS):
            wrong = f"a bout of tremor can be {_either(TREMOR, NO_TREMOR)}"
            right = f"a burst can be {_either('twitch', NO_TWITCH)}"
            raise UsageError(
                f"Event {each} cannot be annotated as {_dashed(verdict)}: {wrong if bout else right}."
            )
        events.append(one)
    of_log = archive.logs_of_events(night, [(one.boot_id, one.seq) for one in events])
    begin = min(one.utc_us for one in events)
    entry = _entry(night, VERDICT, begin, max(one.utc_us for one in events), words)
    return _add(archive.store, replace(entry, verdict=verdict, events=tuple(of_log)), now_utc_us)


def leave_out(store: Store, night: Night, from_us: int, until_us: int, words: str, now_utc_us: int) -> int:
    """Leave a stretch of a night out of its figures; returns the entry's number. Raises UsageError."""
    _must_follow(from_us, until_us)
    return _add(store, _entry(night, LEFT_OUT, from_us, until_us, words), now_utc_us)


def note_moment(
    store: Store, night: Night, from_us: int, until_us: int | None, words: str, now_utc_us: int
) -> int:
    """Bookmark a moment or a stretch, with a note or without; returns its number. Raises UsageError."""
    if until_us is not None:
        _must_follow(from_us, until_us)
    return _add(store, _entry(night, NOTE, from_us, until_us, words), now_utc_us)


def take_back(archive: Archive, number: int, now_utc_us: int) -> Annotation:
    """Take an entry back, and return it. Raises UsageError if there is none, or it was taken back before."""
    one = next((one for one in archive.annotations().all if one.id == number), None)
    if one is None:
        raise UsageError(f"There is no annotation {number}. `twitchwatch annotate list` lists them.")
    if one.taken_back:
        raise UsageError(f"Annotation {number} was already taken back.")
    archive.store.annotations.add(one.identity, TAKEN_BACK, json.dumps({"id": number}), now_utc_us)
    return one


def moment_in(night: Night, text: str) -> int:
    """UTC microseconds of a time of day in a night, such as 02:10 or 23:05:30, on the clock of its zone.

    Raises UsageError for any other text.
    """
    if not _TIME.fullmatch(text.strip()):
        raise UsageError(f"{text!r} is not a time. Write it as 02:10, or 23:05:30.")
    at = time.fromisoformat(text.strip())
    day = night.date if at >= _NOON else night.date + timedelta(days=1)
    utc_us = round(datetime.combine(day, at, zone_of(night.zone)).timestamp() * 1_000_000)
    return min(max(utc_us, night.start_utc_us), night.end_utc_us)


def night_of(one: Annotation, nights: Sequence[Night]) -> Night | None:
    """The night that an entry is about; None if it is not among these."""
    return next(
        (
            night
            for night in nights
            if night.identity == one.identity and night.start_utc_us <= one.from_utc_us < night.end_utc_us
        ),
        None,
    )


def own_annotations(archive: Archive, night: Night) -> list[Annotation]:
    """The entries about a night, in order of entry, also those that were taken back."""
    return [one for one in archive.annotations().all if night_of(one, [night]) is not None]


def whole_night(archive: Archive, sensor: str, when: date) -> WholeNight:
    """The night of a sensor (hardware id) with its events. Raises UsageError if there is none."""
    nights = (night for one in archive.sensors() for night in one.nights)
    night = next((one for one in nights if one.identity == sensor and one.date == when), None)
    if night is None:
        raise UsageError(f"There is no night of {when} of this sensor.")
    return archive.whole(night)


def clock_of(utc_us: int, night: Night) -> str:
    """The time of day where the night was worn."""
    return f"{datetime.fromtimestamp(utc_us / 1e6, zone_of(night.zone)):%H:%M:%S}"


def notes_of(archive: Archive, night: Night) -> list[tuple[int, int | None, str]]:
    """Notes and bookmarks of a night in force, in chronological order: begin, end, words."""
    own = [one for one in own_annotations(archive, night) if one.what == NOTE and not one.taken_back]
    return sorted((one.from_utc_us, one.until_utc_us, one.words) for one in own)


def annotation_view(one: Annotation, night: Night | None) -> AnnotationView:
    """An entry as JSON output has it."""
    return AnnotationView(
        "annotation",
        id=one.id,
        hardware_id=one.identity,
        night=None if night is None else night.date.isoformat(),
        what=one.what,
        verdict=one.verdict or None,
        events=[f"{boot_id}.{seq}" for _, boot_id, seq in one.events],
        from_utc=iso(one.from_utc_us),
        until_utc=None if one.until_utc_us is None else iso(one.until_utc_us),
        words=one.words,
        entered_utc=iso(one.entered_utc_us),
        taken_back=one.taken_back,
    )


def _numbers(wanted: str) -> tuple[int, int]:
    boot_id, point, seq = wanted.partition(".")
    if not point or not all(part.isascii() and part.isdigit() for part in (boot_id, seq)):
        raise UsageError(
            f"{wanted!r} is not the number of an event. `twitchwatch events` lists them: 3.1042."
        )
    return int(boot_id), int(seq)


def _entry(night: Night, what: str, from_us: int, until_us: int | None, words: str) -> Annotation:
    words = words.strip()
    if len(words) > MAX_WORDS:
        raise UsageError(f"A note can have {MAX_WORDS} characters; this one has {len(words)}.")
    return Annotation(0, night.identity, what, 0, from_us, until_us, one_line(words))


def _add(store: Store, one: Annotation, now_utc_us: int) -> int:
    return store.annotations.add(one.identity, one.what, body_of(one), now_utc_us)


def _must_follow(from_us: int, until_us: int) -> None:
    if until_us <= from_us:
        raise UsageError("The stretch must end after it begins; a night runs from noon to noon.")


def _either(one: str, other: str) -> str:
    return f"{_dashed(one)} or {_dashed(other)}"


def _dashed(verdict: str) -> str:
    return verdict.replace("_", "-")
