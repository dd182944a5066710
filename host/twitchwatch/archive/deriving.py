"""Deriving: the nights in which given records fall, each from all of its records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from twitchwatch.analysis.looks import NightLooks, look_at
from twitchwatch.analysis.night import NightSummary
from twitchwatch.analysis.nights import build_night
from twitchwatch.analysis.placing import place
from twitchwatch.archive.annotations import Annotations
from twitchwatch.archive.log_reader import LogReader, kept_clock
from twitchwatch.archive.summaries import Clocks, KeptNight, Runs
from twitchwatch.clock.calendar import Calendar, Cut
from twitchwatch.store import DerivedRow, Device, Store

# New anchors follow the clock more closely, in the nights just before them too: this many are derived again.
NIGHTS_AGAIN = 2


@dataclass(frozen=True, slots=True)
class Window:
    """Records [from_seq, upto_seq) of a log, to the end if None, whose nights must be derived."""

    log_id: int
    from_seq: int
    upto_seq: int | None


@dataclass(frozen=True, slots=True)
class Derived:
    """A night as derived from its records; night and looks are None if no records of it are left."""

    cut: Cut
    night: NightSummary | None
    looks: NightLooks | None
    runs: Runs
    clocks: Clocks


def derive_windows(
    store: Store,
    logs: Sequence[Device],
    calendar: Calendar,
    windows: Sequence[Window],
    nights: Mapping[int, KeptNight],
    progress_of_logs: dict[int, DerivedRow],
    on_progress: Callable[[int, int], None] | None,
    annotations: Annotations,
) -> Iterator[Derived]:
    """Derive the nights that these windows of one sensor's logs affect, in chronological order.

    nights: as known so far, by start. progress_of_logs: by device id, up to date except for `upto_rowid`.
    """
    by_log = {device.log_id: device for device in logs}
    readers: dict[int, LogReader] = {}
    touched: defaultdict[Cut, Runs] = defaultdict(dict)
    for window in _joined(windows):
        device = by_log.get(window.log_id)
        if device is None:
            continue
        reader = readers.setdefault(window.log_id, LogReader(store, device))
        again = _again(window, nights)
        from_seq = min((kept.runs[window.log_id][0] for kept in again), default=window.from_seq)
        fit = reader.fit(min(from_seq, window.from_seq), window.upto_seq)
        heads = reader.heads(window.from_seq, window.upto_seq)
        placed = place(heads, fit.utc_us, calendar, fit.anchored_boot)
        for cut, run in placed.runs.items():
            _add(touched[cut], window.log_id, run)
        for kept in again:
            _add(touched[kept.cut], window.log_id, kept.runs[window.log_id])
        if window.upto_seq is None:
            before = progress_of_logs.get(device.id, DerivedRow(device.id, 0, 0, 0, None))
            earlier = before.undated - before.waiting if window.from_seq else 0
            progress_of_logs[device.id] = DerivedRow(
                device.id,
                before.upto_rowid,
                earlier + placed.undated,
                placed.waiting,
                placed.waiting_from_seq,
            )
    for number, cut in enumerate(sorted(touched, key=lambda cut: cut.start_us)):
        known = nights.get(cut.start_us)
        if known is not None:
            for log_id, run in known.runs.items():
                _add(touched[cut], log_id, run)
        yield _derive(store, by_log, readers, cut, touched[cut], annotations)
        if on_progress is not None:
            on_progress(number + 1, len(touched))


def _derive(
    store: Store,
    by_log: Mapping[int, Device],
    readers: dict[int, LogReader],
    cut: Cut,
    runs: Runs,
    annotations: Annotations,
) -> Derived:
    parts = []
    clocks = {}
    for log_id, run in sorted(runs.items()):
        if log_id not in by_log:
            continue
        reader = readers.setdefault(log_id, LogReader(store, by_log[log_id]))
        fit = reader.fit(*run)
        part = reader.part(run, fit.utc_us)
        clocks[log_id] = kept_clock(part, fit)
        parts.append(part)
    device = list(by_log.values())[-1]
    corrections = annotations.corrections(device.hardware_id, runs, cut)
    built = build_night(cut, parts, device=device.name, sensor=device.hardware_id, corrections=corrections)
    if built is None:
        return Derived(cut, None, None, runs, clocks)
    return Derived(cut, built.summary(), look_at(built), runs, clocks)


def _joined(windows: Sequence[Window]) -> list[Window]:
    """The same records, in windows that do not overlap."""
    joined: list[Window] = []
    for window in sorted(windows, key=lambda one: (one.log_id, one.from_seq)):
        last = joined[-1] if joined else None
        if (
            last is None
            or last.log_id != window.log_id
            or (last.upto_seq is not None and window.from_seq > last.upto_seq)
        ):
            joined.append(window)
        else:
            open_end = last.upto_seq is None or window.upto_seq is None
            upto = None if open_end else max(last.upto_seq or 0, window.upto_seq or 0)
            joined[-1] = Window(last.log_id, last.from_seq, upto)
    return joined


def _again(window: Window, nights: Mapping[int, KeptNight]) -> list[KeptNight]:
    """The nights of the log just before the window."""
    own = [
        kept
        for kept in nights.values()
        if window.log_id in kept.runs and kept.runs[window.log_id][0] < window.from_seq
    ]
    return sorted(own, key=lambda kept: kept.night.start_utc_us)[-NIGHTS_AGAIN:]


def _add(runs: Runs, log_id: int, run: tuple[int, int]) -> None:
    first, past = runs.get(log_id, run)
    runs[log_id] = min(first, run[0]), max(past, run[1])
