"""Demo data: the nights of the simulated ring, which must not remain among those of a wearer."""

from __future__ import annotations

from dataclasses import dataclass

from twitchwatch.shared.protocol.records import ANCHOR
from twitchwatch.store import Device, Store

_HALF_DAY_US = 12 * 3_600_000_000


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed: simulated nights, each a separate log, and their records."""

    nights: int
    records: int


def remove_demo(store: Store, near_utc_us: int | None = None) -> Removed:
    """Remove everything that the simulated ring recorded, with its findings.

    near_utc_us: only nights that began within 12 hours of it. Raises the store's errors.
    """
    own = [
        device
        for device in store.devices()
        if device.demo and (near_utc_us is None or abs(_began(store, device) - near_utc_us) < _HALF_DAY_US)
    ]
    return Removed(len(own), sum(store.remove(device.id) for device in own))


def _began(store: Store, device: Device) -> int:
    """UTC of the first sync, in microseconds; far from any night if there was none."""
    first = next(store.records(device.id, types=(ANCHOR,)), None)
    return 0 if first is None or first.body is None else int(first.body.utc_us)
