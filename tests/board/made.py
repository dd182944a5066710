"""Status records put together by hand: a sensor's whole database with whatever its board reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
START = 1_800_000_000 * SECOND
RING = "24:0A:C4:00:00:01"

WELL: dict[str, Any] = {
    "uptime_s": 15_000,
    "free_heap": 51_200,
    "waiting": 40,
    "battery_mv": 3850,
    "log_used_kib": 96,
    "log_kib": 1024,
    "faults": 0,
    "reset_cause": protocol.RESET_POWER_ON,
    "sensor": protocol.SENSOR_WORKING,
    "flags": 0,
    "awake_permille": 31,
    "early_wakes": 0,
    "dropped_pin": protocol.PIN_NONE,
    "radio_failures": 0,
    "panics": 0,
    "brown_outs": 0,
    "watchdogs": 0,
    "exceptions": 0,
    "power_ons": 1,
    "heap_lowest": 40_960,
    "idf_free": 71_680,
    "idf_largest": 45_056,
    "idf_free_lowest": 65_536,
    "idf_largest_lowest": 32_768,
    "broken": 0,
}


def status_body(**changes: int) -> tuple[int, ...]:
    """The fields of a status record, all well but for `changes`."""
    assert set(changes) <= set(WELL)
    return tuple(protocol.Status(**(WELL | changes)))


def write_database(
    path: Path, statuses: Iterable[tuple[int, Mapping[str, int]]], *, fault: bytes = b"", crash: bytes = b""
) -> Path:
    """A database of one sensor, `ring`: (hours since its start, what its status record has) each."""
    raw: list[bytes] = []

    def add(kind: int, time_us: int, body: tuple[int, ...], tail: bytes = b"") -> None:
        raw.append(protocol.encode(kind, len(raw), 1, time_us, body, tail))

    add(protocol.BOOT, 0, (0, 1, 0, 1, 2, protocol.LOG_KEPT, 1, 9, 104_000, 122_000, 50_000, 7))
    if crash:
        add(protocol.CRASH, 0, (1,), crash)
    for hours, changes in statuses:
        add(protocol.ANCHOR, hours * HOUR, (START + hours * HOUR, 20_000))
        add(protocol.STATUS, hours * HOUR, status_body(**changes), fault)
    with Store.open(path) as store:
        ring = store.register(RING, 7, "ring", START)
        store.commit(ring.id, raw, 0, len(raw), 0, START)
    return path
