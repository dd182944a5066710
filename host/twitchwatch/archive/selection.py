"""Selection: the requested sensors, nights and findings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from twitchwatch.analysis.night import Night, WholeNight
from twitchwatch.archive.nights import Archive, Progress, RatedNight, Sensor
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.flags import Finding
from twitchwatch.link.keys import Keys
from twitchwatch.store import Device, Store


@dataclass(frozen=True, slots=True)
class NightChoice:
    """The requested nights; None leaves an end open."""

    since: date | None
    until: date | None

    def __contains__(self, night: date) -> bool:
        """Whether this night was requested."""
        return (self.since is None or night >= self.since) and (self.until is None or night <= self.until)

    def overlaps(self, first: date, last: date) -> bool:
        """Whether any night from `first` to `last` was requested."""
        return (self.since is None or last >= self.since) and (self.until is None or first <= self.until)

    @property
    def everything(self) -> bool:
        """Whether no dates were given."""
        return self.since is None and self.until is None


EVERY_NIGHT = NightChoice(None, None)


def choice_of(*, night: date | None, since: date | None, until: date | None) -> NightChoice:
    """By --night, --since and --until. Raises UsageError if they contradict each other."""
    if night is not None:
        if since is not None or until is not None:
            raise UsageError("Give either --night, or --since and --until.")
        since = until = night
    if since is not None and until is not None and since > until:
        raise UsageError(f"--since {since} is later than --until {until}: swap them.")
    return NightChoice(since, until)


def chosen_devices(store: Store, wanted: str | None) -> list[Device]:
    """All logs of the sensors of this name, id or number, or of all. Raises UsageError if none matches.

    The number of any of its logs names a sensor.
    """
    devices = store.devices()
    if wanted is None:
        return devices
    numbered = {device.hardware_id for device in devices if str(device.id) == wanted}
    found = [
        device
        for device in devices
        if wanted.lower() in (device.name.lower(), device.hardware_id.lower())
        or device.hardware_id in numbered
    ]
    if not found:
        known = ", ".join(sorted({device.name for device in devices})) or "none yet"
        raise UsageError(f"There is no sensor {wanted!r}. Known: {known}; see `twitchwatch sensors`.")
    return found


def named_sensor(database: Path, name: str) -> tuple[str, str]:
    """Hardware id and name of a sensor that has records or a key here. Raises UsageError if none matches."""
    if name in Keys.beside(database).load():
        return name, name
    with Store.open_existing(database) as store:
        device = chosen_devices(store, name)[-1]
    return device.hardware_id, device.name


def read_sensors(store: Store, wanted: str | None, progress: Progress | None = None) -> list[Sensor]:
    """Every requested sensor, with all its nights; progress: as for `Archive`."""
    return Archive(store, LOCAL, progress=progress).sensors(chosen_devices(store, wanted))


def chosen_nights(sensors: Sequence[Sensor], choice: NightChoice) -> list[RatedNight]:
    """The requested nights of all these sensors, in chronological order, each with its rate."""
    found = [one for sensor in sensors for one in sensor.rated if one.night.date in choice]
    return sorted(found, key=lambda one: (one.night.start_utc_us, one.night.device))


def every_night(sensors: Sequence[Sensor]) -> list[Night]:
    """All nights of these sensors, in chronological order."""
    return sorted((night for sensor in sensors for night in sensor.nights), key=lambda one: one.start_utc_us)


def whole_nights(
    store: Store, wanted: str | None, choice: NightChoice, progress: Progress | None = None
) -> tuple[list[Sensor], list[WholeNight]]:
    """The sensors, and the requested nights with their events: the last night if none was requested."""
    archive = Archive(store, LOCAL, progress=progress)
    sensors = archive.sensors(chosen_devices(store, wanted))
    nights = [one.night for one in chosen_nights(sensors, choice)]
    if choice.everything and nights:
        nights = [night for night in nights if night.date == nights[-1].date]
    return sensors, [archive.whole(night) for night in nights]


def chosen_flags(
    flags: Sequence[Finding], choice: NightChoice, sensors: Collection[str] | None
) -> list[Finding]:
    """Findings of these sensors (all if None) with a requested night; without a night, if all are."""
    return [
        flag
        for flag in flags
        if (sensors is None or flag.hardware_id in sensors)
        and (
            choice.everything
            if flag.night is None
            else choice.overlaps(flag.night, flag.last_night or flag.night)
        )
    ]
