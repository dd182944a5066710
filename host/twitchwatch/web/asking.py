"""The pages' queries: one archive, kept between queries, and used by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from twitchwatch.analysis.night import WholeNight
from twitchwatch.archive.absence import Absence, absences
from twitchwatch.archive.annotating import notes_of
from twitchwatch.archive.findings import derive, silences
from twitchwatch.archive.keeping import acknowledge, keep
from twitchwatch.archive.morning import Morning, mornings, newest_night, worn_by_you
from twitchwatch.archive.nights import Archive, RatedNight, Sensor
from twitchwatch.archive.selection import EVERY_NIGHT, every_night
from twitchwatch.archive.waveforms import stored_waveform
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.flags import Finding
from twitchwatch.flags.changing import change_limits
from twitchwatch.flags.raising import ARL0_DAYS
from twitchwatch.journal.book import places, read_entries
from twitchwatch.journal.entry import Entry
from twitchwatch.journal.fields import BY_NAME, FIELDS, Value, read
from twitchwatch.journal.noting import note, placed
from twitchwatch.journal.tonight import now_and_evening, running_and_slept
from twitchwatch.store import Device, Store, SyncSession
from twitchwatch.views.strip import StripView, strip_view
from twitchwatch.views.waveform import WaveformView

DoneT = TypeVar("DoneT")


@dataclass(frozen=True)
class Trend:
    """Every night of a sensor, what is missing between them, and what else belongs to a night.

    noted: the journal by evening. places: from which evening on it was worn where. limits: rates an hour
    beyond which a week would be a finding; None if nothing is usual yet.
    """

    sensor: Sensor
    rated: Sequence[RatedNight]
    absent: Sequence[Absence]
    noted: Mapping[date, Entry]
    places: Sequence[tuple[date, str]]
    limits: tuple[float, float] | None


class Asking:
    """Questions to one database. Each raises the store's errors, and UsageError for what is not there."""

    def __init__(self, database: Path) -> None:
        self._store = Store.open_existing(database)
        self._archive = Archive(self._store, LOCAL)
        self._one = threading.Lock()

    def close(self) -> None:
        """Close the database."""
        with self._one:
            self._store.close()

    def mornings(self) -> list[Morning]:
        """The morning of each sensor."""
        with self._one:
            now_utc_us, _ = now_and_evening()
            running, slept = running_and_slept()
            sensors = worn_by_you(self._archive.sensors())
            night = newest_night(sensors, running, slept)
            return mornings(self._archive, sensors, night, now_utc_us)

    def trends(self) -> list[Trend]:
        """Every night of each sensor."""
        with self._one:
            now_utc_us, tonight = now_and_evening()
            found = []
            entries = read_entries(self._store, LOCAL)
            for sensor in worn_by_you(self._archive.sensors()):
                silent = silences(self._store, [sensor.device], now_utc_us)
                absent = absences(every_night([sensor]), EVERY_NIGHT, tonight, silent)
                where = places(entries, sensor.nights) if sensor.device.worn else {}
                limits = change_limits(sensor.nights, ARL0_DAYS, where, self._archive.remembered)
                noted = {entry.night: entry for entry in entries if entry.current}
                found.append(Trend(sensor, sensor.rated, absent, noted, _moves(sensor, where), limits))
            return found

    def night(self, hardware_id: str, night: date) -> tuple[RatedNight, WholeNight]:
        """One night of one sensor, with its events and minutes."""
        with self._one:
            for sensor in self._archive.sensors():
                for one in sensor.rated:
                    if one.night.identity == hardware_id and one.night.date == night:
                        return one, self._archive.whole(one.night)
        raise UsageError(f"There is no night of {evening(night)} of this sensor.")

    def strip(self, hardware_id: str, night: date) -> StripView:
        """One night as columns."""
        _, whole = self.night(hardware_id, night)
        with self._one:
            notes = notes_of(self._archive, whole)
        return strip_view(whole, notes)

    def change(self, work: Callable[[Archive, int], DoneT]) -> DoneT:
        """What this work does with the archive, now (UTC microseconds)."""
        with self._one:
            now_utc_us, _ = now_and_evening()
            return work(self._archive, now_utc_us)

    def waveform(self, hardware_id: str, night: date, seq: int) -> WaveformView:
        """The waveform of one event or bout of that night, by the number of its snippet."""
        _, whole = self.night(hardware_id, night)
        with self._one:
            return stored_waveform(self._archive, whole, seq)

    def findings(self) -> list[Finding]:
        """Every finding with its state, the resolved ones too."""
        with self._one:
            now_utc_us, _ = now_and_evening()
            return derive(self._store, LOCAL, now_utc_us, archive=self._archive)

    def acknowledge(self, number: int) -> None:
        """Mark a finding as seen."""
        with self._one:
            now_utc_us, _ = now_and_evening()
            keep(self._store, LOCAL, now_utc_us, archive=self._archive)
            acknowledge(self._store, number, now_utc_us)

    def entries(self) -> list[Entry]:
        """The journal, the newest evening first."""
        with self._one:
            return sorted(read_entries(self._store, LOCAL), key=lambda one: one.night, reverse=True)

    def note(self, texts: Mapping[str, str], night: date | None) -> dict[date, Entry]:
        """Write down what was typed into the journal's form; empty fields are left out."""
        values: dict[str, Value | None] = {
            one.name: read(BY_NAME[one.name], texts[one.option])
            for one in FIELDS
            if texts.get(one.option, "").strip()
        }
        if not values:
            raise UsageError("Nothing was filled in, so nothing was noted.")
        with self._one:
            now_utc_us, _ = now_and_evening()
            return note(self._store, placed(values, night), LOCAL, now_utc_us)

    def last_met(self) -> list[tuple[Device, SyncSession | None]]:
        """Each sensor's newest log with its last sync; unlike `status`, it counts no records."""
        with self._one:
            newest = {one.hardware_id: one for one in self._store.devices() if one.worn}
            return [(one, next(iter(self._store.syncs(one.id, limit=1)), None)) for one in newest.values()]

    def status(self) -> list[Any]:
        """What is stored for each sensor."""
        with self._one:
            return list(self._store.status())


def _moves(sensor: Sensor, where: Mapping[tuple[str, date], str]) -> list[tuple[date, str]]:
    """From which evening on it was worn where."""
    found: list[tuple[date, str]] = []
    for night in sensor.nights:
        place = where.get((night.identity, night.date))
        if place is not None and (not found or found[-1][1] != place):
            found.append((night.date, place))
    return found
