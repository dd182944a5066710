"""Summaries: nights as kept in the database, with everything that lists, trends and findings need.

A summary belongs to one version of the analysis and of the summary format. Any other is derived again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from twitchwatch.analysis import VERSION
from twitchwatch.analysis.escalation import Alarm, Monitoring
from twitchwatch.analysis.looks import NightLooks
from twitchwatch.analysis.night import NightSummary
from twitchwatch.analysis.rates import Clustering, Rate
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.analysis.within import RisingHours
from twitchwatch.archive.packing import form_of, pack, unpacker
from twitchwatch.clock.calendar import Cut
from twitchwatch.store import NightRow

ROW_VERSION = f"{VERSION}/{form_of(NightSummary, NightLooks, Clustering, Rate, RisingHours, Alarm)}"

_NIGHT = unpacker(NightSummary)
_LOOKS = unpacker(NightLooks)
_DEVICE = [field.name for field in fields(NightSummary)].index("device")
# What was found of a night with what the nights before it tell, and how each is read again.
_RATE, _RISING = "rate", "rising hours"
_GIVEN = unpacker(Clustering)
_FOUND = {_RATE: unpacker(Rate), _RISING: unpacker(RisingHours | None)}

Runs = dict[int, tuple[int, int]]
Clocks = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class KeptNight:
    """A night with its origin.

    runs: its records by log_id, [first, past the last). clocks: the clocks that dated them, by log_id; None
    if they are in the database, like the night. found: then what else the database has of it, to detect
    changes.
    """

    night: NightSummary
    runs: Runs
    clocks: Clocks | None = None
    found: tuple[object, ...] = ()

    @property
    def cut(self) -> Cut:
        """Where the night begins and ends."""
        night = self.night
        return Cut(night.date, night.start_utc_us, night.end_utc_us, night.zone)


def runs_of(row: NightRow) -> Runs:
    """The location of a kept night's records."""
    return {int(log_id): (first, past) for log_id, (first, past) in json.loads(row.logs).items()}


def read_row(row: NightRow, device: str, remembered: Remembered) -> KeptNight:
    """A night of this version, with its sensor's current name; `remembered` receives what was found in it."""
    body = json.loads(row.body)
    body["night"][_DEVICE] = device
    night: NightSummary = _NIGHT(body["night"])  # type: ignore[misc]
    remembered.put("looks", night, _LOOKS(body["looks"]))  # type: ignore[misc]
    for what, unpack in _FOUND.items():
        if what in body:
            given, found = body[what]
            remembered.put(what, night, unpack(found), _GIVEN(given))  # type: ignore[misc]
    return KeptNight(night, runs_of(row), None, found_of(night, remembered))


def found_of(night: NightSummary, remembered: Remembered) -> tuple[object, ...]:
    """The other parts of a night's row; the same objects as long as nothing changed."""
    return tuple(None if (known := remembered.known(what, night)) is None else known[1] for what in _FOUND)


def row_of(kept: KeptNight, remembered: Remembered, now_utc_us: int) -> NightRow:
    """The night as a row."""
    night = kept.night
    body = {"night": pack(night), "looks": pack(remembered.looks(night))}
    for what in _FOUND:
        if (known := remembered.known(what, night)) is not None:
            body[what] = [pack(one) for one in known]
    return NightRow(
        night.identity,
        night.start_utc_us,
        night.end_utc_us,
        night.date.isoformat(),
        night.zone,
        now_utc_us,
        ROW_VERSION,
        json.dumps(kept.runs),
        json.dumps(body, separators=(",", ":")),
    )


def trend_row(followed: Monitoring) -> str:
    """The state of the trend monitor, as JSON."""
    return json.dumps(followed.kept(), separators=(",", ":"))


def read_trend(body: str) -> Monitoring:
    """The trend monitor as it was kept."""
    return Monitoring.from_kept(json.loads(body))
