"""From the store's records to nights: where the database, the clock fit and the analysis meet."""

from __future__ import annotations

from datetime import tzinfo

from twitchwatch.analysis.night import Nights
from twitchwatch.analysis.nights import build_nights
from twitchwatch.link.clock import ClockFit
from twitchwatch.store import Device, Store


def nights_of(store: Store, device: Device, zone: tzinfo) -> Nights:
    """Every night of one device, in order. Raises the store's errors."""
    records = list(store.records(device.id))
    fit = ClockFit.from_records(records)
    return build_nights(records, fit.utc_us, zone, device=device.name)
