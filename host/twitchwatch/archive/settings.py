"""Settings of the sensors: what each reported last, and the changes waiting to be sent."""

from __future__ import annotations

import json
from typing import Any

from twitchwatch.archive.selection import chosen_devices
from twitchwatch.errors import UsageError
from twitchwatch.foreign import one_line
from twitchwatch.shared.protocol.records import DETECTOR_PARAMETERS, DEVICE_SETTINGS, SETTINGS
from twitchwatch.store import Device, Store
from twitchwatch.store.changes import Change


def sensors_known(store: Store, wanted: str | None) -> list[Device]:
    """Each sensor once, with its newest log. Raises UsageError if there is none."""
    newest: dict[str, Device] = {}
    for device in chosen_devices(store, wanted):
        newest[device.hardware_id] = device
    if not newest:
        raise UsageError("No sensor is known here yet: start `twitchwatch run` near one.")
    return list(newest.values())


def held_by(store: Store, sensor: Device) -> dict[str, Any]:
    """The settings that the sensor reported last, by name."""
    held: dict[str, Any] = {}
    for record in store.records(sensor.id, types=[SETTINGS]):
        if record.body is None or record.body.what not in (DEVICE_SETTINGS, DETECTOR_PARAMETERS):
            continue
        try:
            reported = json.loads(record.tail)
        except ValueError:
            continue
        if isinstance(reported, dict):
            for name, value in reported.items():
                held[name] = one_line(value) if isinstance(value, str) else value
    return held


def waiting_for(store: Store, sensor: Device) -> dict[str, Change]:
    """The newest change of each setting, if it is waiting or was refused."""
    newest = {change.name: change for change in store.changes.of(sensor.hardware_id)}
    return {
        name: change
        for name, change in newest.items()
        if change.outcome is None or change.outcome.startswith("refused")
    }
