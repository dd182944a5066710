"""The archive of nights: kept summaries, and nights derived again from new records.

Reading writes nothing: nights that the database does not have yet are derived here, and `keeping` may keep
them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo

from twitchwatch.analysis.night import Night, NightSummary, WholeNight
from twitchwatch.analysis.nights import build_night
from twitchwatch.analysis.rates import Rate, measured_rates, night_rates
from twitchwatch.analysis.remembered import Remembered
from twitchwatch.archive.annotations import Annotations, Event
from twitchwatch.archive.deriving import Derived, Window, derive_windows
from twitchwatch.archive.log_reader import LogReader, clock_again
from twitchwatch.archive.summaries import (
    ROW_VERSION,
    KeptNight,
    Runs,
    found_of,
    read_row,
    read_trend,
    row_of,
    runs_of,
)
from twitchwatch.archive.zones import calendar_of, calendar_of_recordings
from twitchwatch.store import DerivedRow, Device, NightRow, Store, damage
from twitchwatch.views.nights import NightView, night_view

# Called with how many nights of how many are derived.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RatedNight:
    """A night with its rate; how twitches cluster is estimated from earlier nights of the same sensor.

    measured: the rate without the wearer's annotations; None without any.
    """

    night: Night
    rate: Rate
    measured: Rate | None = None

    @property
    def view(self) -> NightView:
        """As JSON output has it."""
        return night_view(self.night, self.rate, self.measured)


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor: its logs, the newest last, and its nights in chronological order, from all logs.

    undated: count of records whose time is not known yet.
    """

    logs: tuple[Device, ...]
    rated: tuple[RatedNight, ...]
    undated: int

    @property
    def device(self) -> Device:
        """The log that it writes now."""
        return self.logs[-1]

    @property
    def nights(self) -> tuple[Night, ...]:
        """Its nights without their rates."""
        return tuple(one.night for one in self.rated)


@dataclass(frozen=True, slots=True)
class Unkept:
    """Rows to keep, each with its night's view and clock; rows to drop; how far logs were derived."""

    rows: list[tuple[NightRow, str, str]]
    gone: list[NightRow]
    logs: list[DerivedRow]


def sensors_of(store: Store, zone: tzinfo, devices: Sequence[Device] | None = None) -> list[Sensor]:
    """Every sensor to which these logs belong (all if None), with all its nights."""
    return Archive(store, zone).sensors(devices)


class Archive:
    """The nights of a store, for one question or for a long-running program.

    A night without new records stays the same object, for which `remembered` keeps what was found. zone:
    used if no zone was recorded. progress: called while nights are derived. fresh: derive every night, even
    if it is kept.
    """

    def __init__(
        self, store: Store, zone: tzinfo, *, progress: Progress | None = None, fresh: bool = False
    ) -> None:
        self.store = store
        self._zone = zone
        self._progress = progress
        self._written = store.written_version()
        self._begin(fresh)

    def _begin(self, fresh: bool) -> None:
        self.remembered = Remembered()
        self._nights: defaultdict[str, dict[int, KeptNight]] = defaultdict(dict)
        self._logs: dict[int, DerivedRow] = {}
        self._rows: dict[tuple[str, int], NightRow] = {}
        self._outdated: defaultdict[str, list[NightRow]] = defaultdict(list)
        # By which calendar the nights of each sensor were last cut.
        self._timelines: dict[str, object] = {}
        self._annotations = Annotations(())
        self._load(fresh)

    def sensors(self, devices: Sequence[Device] | None = None) -> list[Sensor]:
        """Every sensor to which these logs belong (all if None). Raises the store's errors."""
        wanted = None if devices is None else {device.hardware_id for device in devices}
        logs: defaultdict[str, list[Device]] = defaultdict(list)
        for device in self.store.devices():
            if wanted is None or device.hardware_id in wanted:
                logs[device.hardware_id].append(device)
        # Rewritten by an erasure, its rows have other numbers, and what is remembered may be gone from it.
        if (written := self.store.written_version()) != self._written:
            self._written = written
            self._begin(fresh=False)
        self._annotations = self.annotations()
        # Before the records are looked at: what comes meanwhile is new at the next time.
        newest = self.store.newest_rowid()
        for own in logs.values():
            self._bring_up(own, newest)
        return [self._sensor(own) for own in logs.values()]

    def whole(self, night: Night) -> WholeNight:
        """A night of this archive with its events, from its own records and the clock that dated it."""
        kept = self._nights[night.identity][night.start_utc_us]
        clocks = kept.clocks
        if clocks is None:
            text = self.store.summaries.clock(night.identity, night.start_utc_us)
            clocks = {int(log_id): clock for log_id, clock in json.loads(text or "{}").items()}
        parts = [
            LogReader(self.store, device).part(kept.runs[device.log_id], clock_again(clocks[device.log_id]))
            for device in self.store.devices()
            if device.hardware_id == night.identity and device.log_id in clocks
        ]
        corrections = self._annotations.corrections(night.identity, kept.runs, kept.cut)
        built = build_night(
            kept.cut, parts, device=night.device, sensor=night.sensor, corrections=corrections
        )
        if built is None:
            return kept.night.with_events((), ())
        return kept.night.with_events(built.events, built.absorbed, built.minutes, built.uncounted)

    def logs_of(self, night: Night) -> list[Device]:
        """The logs that a night of this archive has records in."""
        kept = self._nights[night.identity][night.start_utc_us]
        return [
            device
            for device in self.store.devices()
            if device.hardware_id == night.identity and device.log_id in kept.runs
        ]

    def records_of(self, night: Night) -> Runs:
        """Where the records of a night of this archive are: by log_id, [first, past the last)."""
        return self._nights[night.identity][night.start_utc_us].runs

    def annotations(self) -> Annotations:
        """What people have noted about the records so far. Raises the store's errors."""
        return Annotations(self.store.annotations.all())

    def may_hold(self, night: Night, seq: int) -> bool:
        """Whether a night of this archive may have a record of this number."""
        runs = self._nights[night.identity][night.start_utc_us].runs
        return any(first <= seq < past for first, past in runs.values())

    def logs_of_events(self, night: Night, events: Sequence[tuple[int, int]]) -> list[Event]:
        """Each of these events (boot_id, seq) of a night with the number of its log."""
        found = []
        logs = self.logs_of(night)
        for boot_id, seq in events:
            for device in logs:
                record = next(self.store.records(device.id, from_seq=seq, upto_seq=seq + 1), None)
                if record is not None and record.boot_id == boot_id:
                    found.append((device.log_id, boot_id, seq))
                    break
        return found

    def unkept(self, now_utc_us: int) -> Unkept:
        """What differs from the database."""
        rows = []
        rated = {id(one.night): one for sensor in self.sensors() for one in sensor.rated}
        for kept in self._every():
            night = kept.night
            if kept.clocks is None and all(
                one is other for one, other in zip(kept.found, found_of(night, self.remembered), strict=True)
            ):
                continue
            clocks = kept.clocks
            text = (
                self.store.summaries.clock(night.identity, night.start_utc_us)
                if clocks is None
                else json.dumps(clocks, separators=(",", ":"))
            )
            view = json.dumps(rated[id(night)].view.as_json())
            rows.append((row_of(kept, self.remembered, now_utc_us), view, text or "{}"))
        present = {(kept.night.identity, kept.night.start_utc_us) for kept in self._every()}
        gone = [row for key, row in self._rows.items() if key not in present]
        return Unkept(rows, gone, list(self._logs.values()))

    def kept(self, rows: Sequence[NightRow]) -> None:
        """Record that the database now has these, in addition to what it had before."""
        for row in rows:
            night = self._nights[row.identity][row.start_utc_us].night
            self._nights[row.identity][row.start_utc_us] = KeptNight(
                night, runs_of(row), None, found_of(night, self.remembered)
            )
        self._rows = {
            (kept.night.identity, kept.night.start_utc_us): self._row_stub(kept) for kept in self._every()
        }

    def forget_others(self) -> None:
        """Drop what is remembered of nights that are gone, and what was not used since the last call."""
        self.remembered.forget_others(kept.night for kept in self._every())

    def _load(self, fresh: bool) -> None:
        if fresh:
            self._rows = {(row.identity, row.start_utc_us): row for row in self.store.summaries.all()}
            return
        self._logs = self.store.summaries.progress()
        names = {device.hardware_id: device.name for device in self.store.devices()}
        for row in self.store.summaries.all():
            key = row.identity, row.start_utc_us
            self._rows[key] = replace(row, body="")
            if row.identity not in names:
                continue
            if row.version == ROW_VERSION:
                kept = read_row(row, names[row.identity], self.remembered)
                self._nights[row.identity][row.start_utc_us] = kept
            else:
                self._outdated[row.identity].append(self._rows[key])
        for name, body in self.store.summaries.trends(ROW_VERSION).items():
            self.remembered.trends[name] = read_trend(body)

    def _bring_up(self, logs: Sequence[Device], newest: int) -> None:
        identity, name = logs[-1].hardware_id, logs[-1].name
        last_us = logs[-1].last_seen_utc_us
        if logs[-1].imported:
            calendar = calendar_of_recordings(self.store, logs, self._zone, last_us)
        else:
            calendar = calendar_of(self.store, self._zone, last_us)
        moved = self._timelines.get(identity) != calendar.timeline
        self._timelines[identity] = calendar.timeline
        nights = self._nights[identity]
        windows: list[Window] = []
        for row in self._outdated.pop(identity, ()):
            windows += _windows_of(runs_of(row))
        for start_us, kept in list(nights.items()):
            if moved and calendar.cut_at(start_us) != kept.cut:
                windows += _windows_of(kept.runs)
                del nights[start_us]
            elif self._annotated_since(kept):
                windows += _windows_of(kept.runs)
            elif kept.night.device != name:
                nights[start_us] = self._renamed(kept, name)
        news = [window for device in logs for window in self._news(device, newest)]
        derived = derive_windows(
            self.store,
            logs,
            calendar,
            [*windows, *news],
            nights,
            self._logs,
            self._progress,
            self._annotations,
        )
        for one in derived:
            self._take(identity, one)
        for device in logs:
            before = self._logs.get(device.id, DerivedRow(device.id, 0, 0, 0, None))
            self._logs[device.id] = replace(before, upto_rowid=newest)

    def _annotated_since(self, kept: KeptNight) -> bool:
        """Whether annotations were added or taken back since the night was derived."""
        now = self._annotations.corrections(kept.night.identity, kept.runs, kept.cut)
        before = kept.night.measured
        return (None if now is None else now.digest) != (None if before is None else before.digest)

    def _news(self, device: Device, newest: int) -> Iterator[Window]:
        row = self._logs.get(device.id)
        if row is not None and row.upto_rowid > newest:
            damage.note(damage.GAP, (device.id, "newest"))
        if row is None or row.upto_rowid > newest:
            yield Window(device.log_id, 0, None)
            return
        new = self.store.new_records(device.id, row.upto_rowid) if newest > row.upto_rowid else None
        if new is None:
            return
        runs = [kept.runs.get(device.log_id, (0, 0)) for kept in self._nights[device.hardware_id].values()]
        known = max((past for _, past in runs), default=0)
        if new.first_seq >= known:
            first = new.first_seq if row.waiting_from_seq is None else row.waiting_from_seq
            yield Window(device.log_id, min(first, new.first_seq), None)
        elif row.undated:
            # What was undated may be further back still.
            yield Window(device.log_id, 0, None)
        else:
            yield Window(device.log_id, new.first_seq, min(new.last_seq + 1, known))
            if new.last_seq >= known:
                yield Window(device.log_id, known, None)

    def _take(self, identity: str, one: Derived) -> None:
        nights = self._nights[identity]
        if one.night is None or one.looks is None:
            nights.pop(one.cut.start_us, None)
            return
        old = nights.get(one.cut.start_us)
        if old is not None and old.night == one.night and self.remembered.looks(old.night) == one.looks:
            if old.runs != one.runs:
                nights[one.cut.start_us] = KeptNight(old.night, one.runs, one.clocks)
            return
        self.remembered.put("looks", one.night, one.looks)
        nights[one.cut.start_us] = KeptNight(one.night, one.runs, one.clocks)

    def _sensor(self, logs: Sequence[Device]) -> Sensor:
        own = self._nights[logs[-1].hardware_id]
        nights = [own[start_us].night for start_us in sorted(own)]
        rates = night_rates(nights, self.remembered)
        rated = map(RatedNight, nights, rates, measured_rates(nights, self.remembered))
        undated = sum(self._logs[device.id].undated for device in logs)
        return Sensor(tuple(logs), tuple(rated), undated)

    def _renamed(self, kept: KeptNight, name: str) -> KeptNight:
        night: NightSummary = replace(kept.night, device=name)
        self.remembered.put("looks", night, self.remembered.looks(kept.night))
        return replace(kept, night=night)

    def _every(self) -> Iterator[KeptNight]:
        for own in self._nights.values():
            yield from own.values()

    def _row_stub(self, kept: KeptNight) -> NightRow:
        night = kept.night
        return NightRow(
            night.identity,
            night.start_utc_us,
            night.end_utc_us,
            night.date.isoformat(),
            night.zone,
            0,
            "",
            "",
            "",
        )


def _windows_of(runs: dict[int, tuple[int, int]]) -> list[Window]:
    return [Window(log_id, first, past) for log_id, (first, past) in runs.items()]
