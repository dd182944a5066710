"""Every setting of a sensor, detector and device alike, with its limits, unit, reason and source."""

from __future__ import annotations

import json
from dataclasses import dataclass

from twitchwatch.errors import did_you_mean
from twitchwatch.shared.detector import parameters
from twitchwatch.shared.detector.reasons import REASONS
from twitchwatch.shared.protocol import settings as device

# name: (unit, reason, source)
_DEVICE_REASONS = {
    "rendezvous_s": (
        "s",
        "time from one sync session to the next; half an hour without a link delays only a few hundred "
        "records",
        "power model, hardware/bom.md",
    ),
    "listen_s": (
        "s",
        "how long the ring advertises at each rendezvous; a host finds the ring and connects within three "
        "seconds, and after unpaired computers its handshake may be delayed by four, so at least 10",
        "bench/air; advertising interval, firmware/twitchband/radio.py; delays,"
        " shared/protocol/device_handshake.py",
    ),
    "log_kib": (
        "KiB",
        "flash for records; 32 segments of 32 KiB: four weeks of nights, with the waveforms of the first",
        "record sizes, shared/protocol/protocol.md",
    ),
    "low_battery_mv": (
        "mV",
        "the cell is empty at 3.0 V; below 3.3 V it falls fast",
        "discharge curves of lithium-polymer cells, hardware/bom.md",
    ),
    "unsynced_h": (
        "h",
        "after two nights that no computer has fetched, the light blinks; 0: never",
        "a single missed night may be an evening out",
    ),
    "gyroscope": (
        "0 or 1",
        "1: the gyroscope runs too, from the next start on, and tremor is also reported in deg/s; uses more "
        "power",
        "0.9 mA for both sensors in high-performance mode (LSM6DS3TR-C data sheet)",
    ),
    device.NAME: (
        "text",
        f"the name that the sensor advertises; at most {device.MAX_NAME_BYTES} bytes",
        "space in a scan response: Bluetooth Core 5.4, Vol 3 Part C, 11",
    ),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `least` and `greatest` are None if it is text. `of_detector`: a threshold."""

    name: str
    default: int | str
    least: int | None
    greatest: int | None
    unit: str
    reason: str
    source: str
    of_detector: bool


DEVICE_SETTINGS: tuple[Setting, ...] = (
    Setting(device.NAME, device.DEFAULT_NAME, None, None, *_DEVICE_REASONS[device.NAME], False),
    *(Setting(*row, *_DEVICE_REASONS[row[0]], False) for row in device.TABLE),
)
PARAMETERS: tuple[Setting, ...] = tuple(Setting(*row, *REASONS[row[0]], True) for row in parameters.TABLE)
SETTINGS = {setting.name: setting for setting in (*DEVICE_SETTINGS, *PARAMETERS)}


def in_json(name: str, text: str) -> str:
    """The JSON of a value that the user typed; "default" gives null.

    Raises ValueError with a message for the user if there is no such setting, or it cannot have that value.
    """
    setting = SETTINGS.get(name)
    if setting is None:
        like = did_you_mean(name, SETTINGS)
        raise ValueError(f"There is no setting {name!r}.{like} `twitchwatch settings show` lists them.")
    if text == "default":
        return "null"
    value: int | str = text
    if setting.least is not None:
        try:
            value = int(text)
        except ValueError:
            value = text
    wrong = parameters.wrong(name, value) if setting.of_detector else device.wrong(name, value)
    if wrong is not None:
        raise ValueError(f"{name} {wrong}, or `default`.")
    return json.dumps(value)
