"""A sensor's board in words: the lines of a table."""

from __future__ import annotations

from twitchwatch.analysis.board_faults import restarts_reported
from twitchwatch.board.advice import NORMAL_AWAKE_PERCENT, RADIO_BYTES, crash_line
from twitchwatch.board.state import BoardState, Recent
from twitchwatch.clock.dates import moment
from twitchwatch.views.board import BoardView, board_view


def board_rows(state: BoardState | None) -> list[tuple[str, str]]:
    """Table rows on the state of the board; `advice` adds what to do."""
    if state is None:
        return []
    reported = board_view(state)
    rows = [("Running for", f"{_duration(reported.uptime_s)}, since {reported.reset_cause}")]
    if state.battery_mv is not None:
        rows.append(("Battery", f"{state.battery_mv / 1000:.2f} V{', low' if reported.battery_low else ''}"))
    rows.append(("Log", _log(reported)))
    if state.awake_percent is not None:
        low, high = NORMAL_AWAKE_PERCENT
        rows.append(("Awake", f"{state.awake_percent:.1f} % of the time ({low} to {high} % is normal)"))
    if state.recent is not None:
        rows.append(("Restarts", _restarts(state)))
        if state.recent.broken:
            rows.append(("Faults", _faults(state.recent)))
    said = " ".join(one["words"] for one in reported.advice)
    if other := [words for words in state.reported if words.rstrip(".") not in said]:
        rows.append(("It reports", "; ".join(other)))
    rows += _memory(reported)
    if state.crash is not None:
        rows.append(("Last crash", f"before run {state.crash.boot_id}: {crash_line(state)}"))
    return rows


def _log(reported: BoardView) -> str:
    used = reported.memory_used_kib * 100 // max(1, reported.memory_kib)
    words = f"{used} % of {reported.memory_kib:,} KiB used"
    if reported.memory_state == "reformatted":
        words += "; its file system was damaged and formatted; everything readable was kept"
    elif reported.memory_state == "repaired":
        words += "; a damaged end was repaired at the last start"
    return words


def _restarts(state: BoardState) -> str:
    recent = state.recent
    assert recent is not None
    since = recent.since_utc_us
    counted = restarts_reported(recent.counts.items()) or "none"
    return counted if since is None else f"{counted}, since {moment(since)}"


def _faults(recent: Recent) -> str:
    names = ", ".join(f"{name} in {count:,}" for name, count in recent.broken.most_common())
    return f"{names}, of {recent.reports:,} reports of the last day"


def _memory(reported: BoardView) -> list[tuple[str, str]]:
    python = f"{_kib(reported.free_heap_bytes)} free"
    if reported.heap_lowest_bytes:
        python += f", lowest {_kib(reported.heap_lowest_bytes)}"
    rows = [("Python heap", python)]
    if reported.idf_free_bytes:
        largest = _kib(reported.idf_largest_block_bytes or 0)
        system = f"{_kib(reported.idf_free_bytes)} free, largest block {largest}"
        if reported.idf_free_lowest_bytes:
            system += (
                f"; lowest {_kib(reported.idf_free_lowest_bytes)}"
                f" and {_kib(reported.idf_largest_block_lowest_bytes or 0)}"
            )
        least, most = RADIO_BYTES
        rows.append(("System heap", f"{system}. The radio takes {least // 1024} to {_kib(most)}"))
    return rows


def _kib(size: int) -> str:
    return f"{size / 1024:.0f} KiB"


def _duration(seconds: int) -> str:
    if seconds < 7200:
        return f"{seconds // 60} min"
    if seconds < 172800:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} days"
