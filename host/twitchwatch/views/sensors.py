"""What is stored for each sensor, and its settings, as objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from twitchwatch.board.state import BoardState
from twitchwatch.clock.zone import iso
from twitchwatch.sensor_settings import Setting
from twitchwatch.store import Device, DeviceStatus
from twitchwatch.store.care import LastCheck
from twitchwatch.store.changes import Change
from twitchwatch.views.board import BoardView, board_view
from twitchwatch.views.shape import Line, View

Stored = Annotated[int, "how many are stored"]


@dataclass(frozen=True)
class DeviceLine(Line):
    """One log of one sensor."""

    kind: Literal["sensor"]
    sensor: Annotated[str, "its name"]
    number: Annotated[int, "its number in this database"]
    hardware_id: Annotated[str, "as the sensor reports it"]
    log_id: Annotated[int, "changes if the sensor's memory is formatted, or restored to an older state"]
    demo: Annotated[bool, "true: simulated by `twitchwatch demo`"]
    imported: Annotated[bool, "true: recordings of another sensor, read by `twitchwatch import`"]


@dataclass(frozen=True)
class KnownDevice(DeviceLine):
    """A sensor known to this computer."""

    first_seen_utc: Annotated[str, "ISO 8601"]
    last_seen_utc: Annotated[str, "ISO 8601"]
    records: Stored
    paired: Annotated[bool, "true: it shares a key with this computer"]


@dataclass(frozen=True)
class DatabaseView(Line):
    """The database itself."""

    kind: Literal["database"]
    path: Annotated[str, "of the file"]
    bytes: Annotated[int, "its size"]
    sensors: Annotated[int, "how many sensors follow"]
    checked_utc: Annotated[
        str | None, "when the daemon last checked all of it, ISO 8601; null if it never has"
    ]
    damaged: Annotated[int, "count of damaged records, rows and gaps found then"]


@dataclass(frozen=True)
class Sync(View):
    """A sync session with a sensor."""

    started_utc: Annotated[str, "ISO 8601"]
    ended_utc: Annotated[str | None, "ISO 8601; null while it lasts, or if it was interrupted"]
    transport: Annotated[str, "`ble` or `usb`"]
    outcome: Annotated[str | None, "how it ended"]
    records: Annotated[int, "how many were stored"]
    unread: Annotated[int, "how many of them were of a newer type"]
    damaged: Annotated[int, "records that arrived damaged"]


@dataclass(frozen=True)
class StoredDevice(DeviceLine):
    """What is stored for one sensor."""

    last_seen_utc: Annotated[str, "ISO 8601"]
    records: Stored
    last_record_utc: Annotated[str | None, "when the newest was received; null if there is none"]
    unread: Annotated[int, "records of a type newer than this version; they are kept"]
    damaged: Annotated[int, "records that arrived damaged"]
    set_aside: Annotated[int, "records damaged on this computer's disk: kept, but left out of every figure"]
    missing: Annotated[int, "records that the sensor no longer had"]
    conflicts: Annotated[int, "records set aside because another record has their number"]
    last_sync: Annotated[
        Sync | None,
        "null, or an object: started_utc, ended_utc, transport, outcome, records, unread, "
        "damaged; ended_utc and outcome are null while it lasts, or if it was interrupted",
    ]
    board: Annotated[
        BoardView | None, "the sensor's last report about its board, as below; null if there is none"
    ]


@dataclass(frozen=True)
class SettingView(Line):
    """One setting of one sensor."""

    kind: Literal["setting"]
    sensor: Annotated[str, "its name"]
    hardware_id: Annotated[str, "as the sensor reports it"]
    name: Annotated[str, "of the setting"]
    value: Annotated[int | str | None, "the last value that the sensor reported, or null"]
    default: Annotated[int | str, "the default value"]
    asked: Annotated[int | str | None, "the requested value that is not in force yet, or null"]
    state: Annotated[str | None, "`waits`, `refused: ...`, or null if no change was requested"]
    min: Annotated[int | None, "lower limit; null for text"]
    max: Annotated[int | None, "upper limit; null for text"]
    unit: Annotated[str, "of the value"]
    reason: Annotated[str, "the reason for the default"]
    source: Annotated[str, "the source for that reason"]


def database_view(path: Path, size_bytes: int, devices: int, checked: LastCheck | None) -> DatabaseView:
    """The database itself."""
    when = None if checked is None else iso(checked.utc_us)
    damaged = 0 if checked is None else sum(checked.wrong.values())
    return DatabaseView("database", str(path), size_bytes, devices, when, damaged)


def known_device(status: DeviceStatus, *, paired: bool) -> KnownDevice:
    """One sensor that is known here."""
    device = status.device
    return KnownDevice(
        *_names(device),
        first_seen_utc=iso(device.first_seen_utc_us),
        last_seen_utc=iso(device.last_seen_utc_us),
        records=status.records,
        paired=paired,
    )


def stored_device(status: DeviceStatus, board: BoardState | None) -> StoredDevice:
    """What is stored for one sensor."""
    received, sync = status.last_record_received_utc_us, status.last_sync
    return StoredDevice(
        *_names(status.device),
        last_seen_utc=iso(status.device.last_seen_utc_us),
        records=status.records,
        last_record_utc=None if received is None else iso(received),
        unread=status.unread,
        damaged=status.damaged,
        set_aside=status.set_aside,
        missing=status.missing,
        conflicts=status.conflicts,
        last_sync=None
        if sync is None
        else Sync(
            started_utc=iso(sync.started_utc_us),
            ended_utc=None if sync.ended_utc_us is None else iso(sync.ended_utc_us),
            transport=sync.transport,
            outcome=sync.outcome,
            records=sync.records,
            unread=sync.unread,
            damaged=sync.damaged,
        ),
        board=None if board is None else board_view(board),
    )


def setting_view(
    sensor: Device, setting: Setting, held: Mapping[str, Any], waiting: Mapping[str, Change]
) -> SettingView:
    """One setting of a sensor: the value in force, and the one that waits."""
    change = waiting.get(setting.name)
    return SettingView(
        "setting",
        sensor=sensor.name,
        hardware_id=sensor.hardware_id,
        name=setting.name,
        value=held.get(setting.name),
        default=setting.default,
        asked=None if change is None else json.loads(change.value),
        state=None if change is None else change.outcome or "waits",
        min=setting.least,
        max=setting.greatest,
        unit=setting.unit,
        reason=setting.reason,
        source=setting.source,
    )


def _names(device: Device) -> tuple[Literal["sensor"], str, int, str, int, bool, bool]:
    names = device.name, device.id, device.hardware_id, device.log_id
    return ("sensor", *names, device.demo, device.imported)
