"""From the store's records to nights: where the database, the clock fit and the analysis meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from twitchwatch.analysis.night import Night, Nights
from twitchwatch.analysis.nights import build_nights
from twitchwatch.link.clock import ClockFit
from twitchwatch.store import Device, Store


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor: its logs, the newest last, and the nights of each, all in order of time.

    undated: records that nothing tells the time of yet.
    """

    logs: tuple[Device, ...]
    nights_by_log: tuple[tuple[Night, ...], ...]
    undated: int

    @property
    def device(self) -> Device:
        """The log it writes now."""
        return self.logs[-1]

    @property
    def nights(self) -> tuple[Night, ...]:
        """The nights of all its logs; a night in which the log changed is there twice, in two parts."""
        return tuple(
            sorted(
                (night for one in self.nights_by_log for night in one), key=lambda night: night.start_utc_us
            )
        )


def nights_of(store: Store, device: Device, zone: tzinfo) -> Nights:
    """Every night of one device, in order. Raises the store's errors."""
    records = list(store.records(device.id))
    fit = ClockFit.from_records(records)
    return build_nights(records, fit.utc_us, zone, device=device.name, sensor=device.hardware_id)


def sensors_of(store: Store, zone: tzinfo, devices: Sequence[Device] | None = None) -> list[Sensor]:
    """Every sensor that these devices are logs of (all when None), with all its nights."""
    logs: dict[str, list[Device]] = {}
    for device in store.devices() if devices is None else devices:
        logs.setdefault(device.hardware_id, []).append(device)
    return [_sensor(store, zone, own) for own in logs.values()]


def _sensor(store: Store, zone: tzinfo, logs: Sequence[Device]) -> Sensor:
    told = [nights_of(store, device, zone) for device in logs]
    return Sensor(tuple(logs), tuple(one.nights for one in told), sum(one.undated for one in told))
