"""The journal in the store, and what findings use from it: symptoms, places, factors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from twitchwatch.analysis.counted import CountedNight, FactorNight
from twitchwatch.analysis.night import Night, Span
from twitchwatch.flags import Symptom
from twitchwatch.flags.symptoms import SYMPTOMS
from twitchwatch.journal.entry import Entry, Revision, entries
from twitchwatch.journal.fields import MORNING, SLEEP_BEFORE, WEARER, Value, factors
from twitchwatch.store import DEMO_HARDWARE_ID, DEMO_NAME, JournalRow, Store, is_worn
from twitchwatch.store.journal_notes import MODELLED


def read_entries(store: Store, zone: tzinfo) -> list[Entry]:
    """Every evening's entry, in order. Raises the store's errors."""
    return entries([_revision(row) for row in store.journal.all()], zone)


def write_changes(store: Store, night: date, changes: Mapping[str, Value | None], now_utc_us: int) -> int:
    """Note these fields for an evening; returns the revision's number. Raises the store's errors."""
    return store.journal.note(night.isoformat(), json.dumps(changes, sort_keys=True), now_utc_us)


def symptoms(book: Iterable[Entry]) -> list[Symptom]:
    """Every symptom that was noted, at any time: a warning sign counts even if it is noted late."""
    found = []
    for entry in book:
        named = entry.current.get("symptoms")
        if isinstance(named, list):
            of = (DEMO_NAME, DEMO_HARDWARE_ID) if MODELLED in entry.current else ()
            found += [Symptom(entry.night, name, *of) for name in named if name in SYMPTOMS]
    return found


@dataclass(frozen=True, slots=True)
class Wearer:
    """What was noted about the wearer; None for what was not."""

    birth_year: int | None = None
    sex: str | None = None


def wearer(book: Iterable[Entry]) -> Wearer:
    """What was noted last about the wearer; book: in order of the evenings."""
    noted: dict[str, Value] = {}
    for entry in book:
        noted |= {name: entry.current[name] for name in WEARER if name in entry.current}
    year, sex = noted.get("birth_year"), noted.get("sex")
    return Wearer(int(year) if isinstance(year, int | float) else None, None if sex is None else str(sex))


def places(book: Iterable[Entry], nights: Iterable[Night]) -> dict[tuple[str, date], str]:
    """Where each sensor was worn in each night: the last place noted up to then, if any.

    A place applies until another is noted. "Left ring = left index" applies only to the named sensor; several
    of these may be in one note, separated by commas.
    """
    noted = [
        (entry.night, part)
        for entry in sorted(book, key=lambda entry: entry.night)
        if "place" in entry.current
        for part in _each(str(entry.current["place"]))
    ]
    found = {}
    for night in nights:
        for since, text in noted:
            if since > night.date:
                break
            name, equals, place = (part.strip() for part in text.partition("="))
            if not equals or name.lower() in (night.device.lower(), night.identity.lower()):
                found[night.identity, night.date] = (place if equals else name).lower()
    return found


def _each(place: str) -> list[str]:
    """The places of several sensors in one note; a comma without them belongs to the place."""
    parts = place.split(",")
    return parts if all("=" in part for part in parts) else [place]


def written_zones(store: Store) -> list[tuple[date, str]]:
    """The time zones that the wearer noted, each with the evening from whose noon on it applies."""
    zones: dict[date, str | None] = {}
    for row in store.journal.all():
        changes = json.loads(row.body)
        if "zone" in changes:
            zones[date.fromisoformat(row.night)] = changes["zone"]
    return sorted((night, zone) for night, zone in zones.items() if zone)


def counted_nights(nights: Iterable[Night]) -> dict[date, CountedNight]:
    """What was seen asleep in each night, summed over sensors; simulated and imported only if alone.

    All nights are treated alike: rates are corrected for dead time only if it was counted in every night.
    """
    nights = list(nights)
    nights = [night for night in nights if is_worn(night.sensor)] or nights
    corrected = all(night.bursts is not None for night in nights)
    by_date: dict[date, list[Night]] = {}
    for night in nights:
        by_date.setdefault(night.date, []).append(night)
    return {
        day: CountedNight(
            day,
            sum(night.asleep.twitches for night in those),
            sum(_exposure_h(night.asleep, corrected) for night in those),
        )
        for day, those in sorted(by_date.items())
    }


def _exposure_h(asleep: Span, corrected: bool) -> float:
    return asleep.exposed_h if corrected else asleep.rest_h + asleep.blind_h


def factor_nights(book: Iterable[Entry], nights: Sequence[Night]) -> list[FactorNight]:
    """Each night with the factors noted in time: its evening's, and the sleep of the night before."""
    sealed = {entry.night: entry.sealed for entry in book}
    rows = []
    for day, counted in counted_nights(nights).items():
        known = _before(sealed.get(day - timedelta(days=1), {}), sealed.get(day, {}))
        if known:
            rows.append(FactorNight(day, counted.twitches, counted.rest_h, known))
    return rows


def _before(day_before: Mapping[str, Value], evening: Mapping[str, Value]) -> dict[str, float]:
    """What was known before a night, from the entries of the day before and of its own evening."""
    slept = {name: value for name, value in day_before.items() if name in MORNING}
    slept.update({SLEEP_BEFORE[name]: value for name, value in evening.items() if name in SLEEP_BEFORE})
    return factors({**{name: value for name, value in evening.items() if name not in MORNING}, **slept})


def _revision(row: JournalRow) -> Revision:
    return Revision(date.fromisoformat(row.night), row.entered_utc_us, json.loads(row.body))
