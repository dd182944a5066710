"""What the commands read: the sensors that were asked for, and their nights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import Rate, night_rates
from twitchwatch.cli.options import NightChoice
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.shelf import Sensor, sensors_of
from twitchwatch.store import Device, Store

NOTHING_YET = "No records yet: wear the sensor and start `twitchwatch run`, or see `twitchwatch demo`."


def chosen_devices(store: Store, wanted: str | None) -> list[Device]:
    """The devices of this name, hardware id or number, or all. Raises UsageError where none fits."""
    devices = store.devices()
    if wanted is None:
        return devices
    found = [
        device
        for device in devices
        if wanted.lower() in (device.name.lower(), device.hardware_id.lower(), str(device.id))
    ]
    if not found:
        known = ", ".join(sorted({device.name for device in devices})) or "none yet"
        raise UsageError(f"No sensor is called {wanted!r}. Known: {known}; see `twitchwatch devices`.")
    return found


def read_sensors(store: Store, wanted: str | None) -> list[Sensor]:
    """Every sensor that was asked for, with all its nights."""
    return sensors_of(store, LOCAL, chosen_devices(store, wanted))


def chosen_nights(sensors: Sequence[Sensor], choice: NightChoice) -> list[Night]:
    """The nights that were asked for, of all these sensors, in order of time."""
    nights = [night for sensor in sensors for night in sensor.nights if night.date in choice]
    return sorted(nights, key=lambda night: (night.date, night.device))


def rated(sensors: Sequence[Sensor], nights: Sequence[Night]) -> list[tuple[Night, Rate]]:
    """These nights, each with its rate; how twitches cluster is learnt from the sensor's nights before it."""
    found = {
        id(night): one
        for sensor in sensors
        for own in sensor.nights_by_log
        for night, one in zip(own, night_rates(own), strict=True)
    }
    return [(night, found[id(night)]) for night in nights]


def why_nothing(sensors: Sequence[Sensor], choice: NightChoice) -> str:
    """What to do where no night is left to show."""
    dates = sorted(night.date for sensor in sensors for night in sensor.nights)
    if dates and not choice.everything:
        return f"No records of that time. There are nights from {dates[0]} to {dates[-1]}."
    if undated := sum(sensor.undated for sensor in sensors):
        return f"{undated_words(undated)} Let `twitchwatch run` meet the sensor once more."
    return NOTHING_YET


def undated_words(undated: int) -> str:
    """Says that records have no time yet."""
    return f"Records whose time is not known yet: {undated:,}. They get one with the sensor's next sync."


def evening(night: date) -> str:
    """A night's name for people: the day of its evening."""
    return f"{night:%a} {night.day} {night:%b %Y}"
