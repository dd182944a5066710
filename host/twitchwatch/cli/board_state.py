"""What a sensor last said of itself: its state, and why it was started anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.protocol import records as protocol
from shared.protocol.records import Record

if TYPE_CHECKING:
    from twitchwatch.store import Device, Store

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
NOT_MEASURED_MV = 65535


def told_by(store: Store, device: Device) -> dict[int, Record]:
    """The newest record of each kind in which the sensor speaks of itself."""
    found = {}
    for kind in (protocol.BOOT, protocol.STATUS, protocol.CRASH):
        record = store.last_record(device.id, kind)
        if record is not None and record.body is not None:
            found[kind] = record
    return found


def object_of(told: dict[int, Record]) -> dict[str, Any] | None:
    """The same for JSON; None where it has not said anything yet."""
    if protocol.STATUS not in told:
        return None
    status = told[protocol.STATUS]
    body = status.body
    boot, crash = told.get(protocol.BOOT), told.get(protocol.CRASH)
    return {
        "boot_id": status.boot_id,
        "uptime_s": body.uptime_s,
        "reset_cause": RESETS.get(body.reset_cause, "unknown"),
        "free_heap_bytes": body.free_heap,
        "battery_mv": None if body.battery_mv == NOT_MEASURED_MV else body.battery_mv,
        "battery_low": bool(body.flags & protocol.STATUS_BATTERY_LOW),
        "usb": bool(body.flags & protocol.STATUS_USB),
        "unsynced": bool(body.flags & protocol.STATUS_UNSYNCED),
        "sensor_works": body.sensor == protocol.SENSOR_WORKING,
        "sensor_fault": status.tail.decode(errors="replace") or None,
        "memory_used_kib": body.log_used_kib,
        "memory_kib": body.log_kib,
        "handler_faults": body.faults,
        "memory_state": None if boot is None else LOGS.get(boot.body.log_state, "unknown"),
        "last_crash": None
        if crash is None
        else {
            "boot_id": crash.boot_id,
            "in_a_row": crash.body.in_a_row,
            "words": crash.tail.decode(errors="replace").rstrip(),
        },
    }


def rows_of(told: dict[int, Record]) -> list[tuple[str, str]]:
    """Lines for people, the worst of them in words that say what to do."""
    state = object_of(told)
    if state is None:
        return []
    rows = [("Runs for", f"{_duration(state['uptime_s'])}, since {state['reset_cause']}")]
    if state["battery_mv"] is not None:
        low = ": charge it, or it will switch itself off" if state["battery_low"] else ""
        rows.append(("Battery", f"{state['battery_mv'] / 1000:.2f} V{low}"))
    used = state["memory_used_kib"] * 100 // max(1, state["memory_kib"])
    memory = f"{used} % of {state['memory_kib']:,} KiB used"
    if state["memory_state"] == "reformatted":
        memory += "; its file system was damaged and made anew, what was readable is kept"
    elif state["memory_state"] == "repaired":
        memory += "; a damaged end was mended at its last start"
    rows.append(("Its memory", memory))
    if not state["sensor_works"]:
        rows.append(("Fault", state["sensor_fault"] or "the motion sensor does not answer"))
    crash = state["last_crash"]
    if crash is not None:
        lines = crash["words"].splitlines()
        last = lines[-1] if lines else "no words"
        rows.append(("Restarted", f"before run {crash['boot_id']}: {last}"))
    return rows


def _duration(seconds: int) -> str:
    if seconds < 7200:
        return f"{seconds // 60} min"
    if seconds < 172800:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} days"
