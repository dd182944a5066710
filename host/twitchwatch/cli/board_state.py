"""A sensor's board as JSON, and as the lines of a table for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shared.protocol import records as protocol
from twitchwatch.analysis.board_faults import restarts_counted, restarts_told
from twitchwatch.board.advice import NORMAL_AWAKE_PERCENT, RADIO_BYTES, advice, crash_line
from twitchwatch.clock.zone import local

if TYPE_CHECKING:
    from twitchwatch.board.state import BoardState, Recent

RESETS = {
    protocol.RESET_POWER_ON: "power on",
    protocol.RESET_HARD: "reset button",
    protocol.RESET_WATCHDOG: "watchdog",
    protocol.RESET_DEEP_SLEEP: "waking up after an empty battery",
    protocol.RESET_SOFT: "restart by the firmware",
    protocol.RESET_BROWN_OUT: "brown-out: the supply broke down for a moment",
}
LOGS = {
    protocol.LOG_KEPT: "kept",
    protocol.LOG_NEW: "new",
    protocol.LOG_REPAIRED: "repaired",
    protocol.LOG_REFORMATTED: "reformatted",
}


def object_of(state: BoardState | None) -> dict[str, Any] | None:
    """The state for JSON; None if the sensor has not reported any."""
    from twitchwatch.export.json_lines import iso

    if state is None:
        return None
    body, boot, crash, recent = state.body, state.boot, state.crash, state.recent
    since = None if recent is None or recent.since_utc_us is None else iso(recent.since_utc_us)
    return {
        "boot_id": state.status.boot_id,
        "uptime_s": body.uptime_s,
        "reset_cause": RESETS.get(body.reset_cause, "unknown"),
        "battery_mv": state.battery_mv,
        "battery_low": bool(body.flags & protocol.STATUS_BATTERY_LOW),
        "usb": bool(body.flags & protocol.STATUS_USB),
        "unsynced": bool(body.flags & protocol.STATUS_UNSYNCED),
        "sensor_works": body.sensor == protocol.SENSOR_WORKING,
        "sensor_fault": state.words_of(protocol.PART_SENSOR) or None,
        "memory_used_kib": body.log_used_kib,
        "memory_kib": body.log_kib,
        "memory_state": None if boot is None else LOGS.get(boot.body.log_state, "unknown"),
        "handler_faults": body.faults,
        "awake_percent": state.awake_percent,
        "early_wakes": body.early_wakes if state.detailed else None,
        "dropped_gpio": state.dropped_gpio,
        "radio_failures": body.radio_failures if state.detailed else None,
        "restarts": restarts_counted(body) if state.detailed else None,
        "restarts_recent": None
        if recent is None
        else {"since_utc": since, **{name: recent.counts.get(name, 0) for name in restarts_counted(body)}},
        "free_heap_bytes": body.free_heap,
        "heap_lowest_bytes": body.heap_lowest or None,
        "idf_free_bytes": body.idf_free or None,
        "idf_largest_block_bytes": body.idf_largest or None,
        "idf_free_lowest_bytes": body.idf_free_lowest or None,
        "idf_largest_block_lowest_bytes": body.idf_largest_lowest or None,
        "broken": [part.name for part in state.broken],
        "broken_recent": None
        if recent is None
        else {"reports": recent.reports} | dict(sorted(recent.broken.items())),
        "reported": list(state.reported),
        "last_crash": None
        if crash is None
        else {
            "boot_id": crash.boot_id,
            "in_a_row": crash.body.in_a_row,
            "words": crash.tail.decode(errors="replace").rstrip(),
        },
        "advice": [
            {"urgency": one.urgency.value, "part": one.part, "words": one.words, "remedy": one.remedy}
            for one in advice(state)
        ],
    }


def rows_of(state: BoardState | None) -> list[tuple[str, str]]:
    """Lines for people: how the board is. What to do about it is `advice`."""
    told = object_of(state)
    if state is None or told is None:
        return []
    rows = [("Runs for", f"{_duration(told['uptime_s'])}, since {told['reset_cause']}")]
    if state.battery_mv is not None:
        rows.append(("Battery", f"{state.battery_mv / 1000:.2f} V{', low' if told['battery_low'] else ''}"))
    rows.append(("Log", _log(told)))
    if state.awake_percent is not None:
        low, high = NORMAL_AWAKE_PERCENT
        rows.append(("Awake", f"{state.awake_percent:.1f} % of the time ({low} to {high} % is normal)"))
    if state.recent is not None:
        rows.append(("Restarts", _restarts(state)))
        if state.recent.broken:
            rows.append(("Faults", _faults(state.recent)))
    said = " ".join(one["words"] for one in told["advice"])
    if other := [words for words in state.reported if words.rstrip(".") not in said]:
        rows.append(("It reports", "; ".join(other)))
    rows += _memory(told)
    if state.crash is not None:
        rows.append(("Last crash", f"before run {state.crash.boot_id}: {crash_line(state)}"))
    return rows


def _log(told: Mapping[str, Any]) -> str:
    used = told["memory_used_kib"] * 100 // max(1, told["memory_kib"])
    words = f"{used} % of {told['memory_kib']:,} KiB used"
    if told["memory_state"] == "reformatted":
        words += "; its file system was damaged and formatted, what was readable is kept"
    elif told["memory_state"] == "repaired":
        words += "; a damaged end was repaired at the last start"
    return words


def _restarts(state: BoardState) -> str:
    recent = state.recent
    assert recent is not None
    since = recent.since_utc_us
    counted = restarts_told(recent.counts.items()) or "none"
    return counted if since is None else f"{counted}, since {local(since):%Y-%m-%d %H:%M}"


def _faults(recent: Recent) -> str:
    names = ", ".join(f"{name} in {count:,}" for name, count in recent.broken.most_common())
    return f"{names}, of {recent.reports:,} reports of the last day"


def _memory(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    python = f"{_kib(told['free_heap_bytes'])} free"
    if told["heap_lowest_bytes"]:
        python += f", lowest {_kib(told['heap_lowest_bytes'])}"
    rows = [("Python heap", python)]
    if told["idf_free_bytes"]:
        system = (
            f"{_kib(told['idf_free_bytes'])} free, largest block {_kib(told['idf_largest_block_bytes'] or 0)}"
        )
        if told["idf_free_lowest_bytes"]:
            system += (
                f"; lowest {_kib(told['idf_free_lowest_bytes'])}"
                f" and {_kib(told['idf_largest_block_lowest_bytes'] or 0)}"
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
