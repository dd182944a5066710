"""What prevents records from arriving: reported once, stored with its time, and reported when over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.link.host_clock import HostClock
from twitchwatch.store import Store

# Unpaired devices reported at most, until one of them proves itself. A radio with changing addresses would
# otherwise fill the log and the database.
MAX_UNPAIRED = 8


class LinkFaults:
    """At most one fault for each subject: an adapter or a port by its name, a sensor by its address.

    The name that a sensor advertises is shown, but identifies nothing.
    """

    def __init__(
        self,
        store: Store,
        clock: HostClock,
        on_link_fault: Callable[[DeviceError], None],
        on_well: Callable[[str], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_link_fault = on_link_fault
        self._on_well = on_well
        self._known: dict[str, DeviceReason] = {}
        self._sensors: dict[str, _Sensor] = {}
        self._notes: asyncio.Queue[Callable[[], None]] = asyncio.Queue()
        # A fault of a daemon that was killed either occurs again or is over.
        self._note(store.link_faults.end, None)

    def tell(self, subject: str, error: DeviceError) -> None:
        """Something went wrong with `subject`; the same reason is not reported twice."""
        # Connections that block each other resolve by themselves.
        if error.reason is DeviceReason.BUSY or self._known.get(subject) is error.reason:
            return
        self._known[subject] = error.reason
        self._note(self._store.link_faults.begin, subject, error.reason.value, str(error))
        self._on_link_fault(error)

    def well(self, subject: str) -> None:
        """The fault of `subject` is over."""
        if self._known.pop(subject, None) is not None:
            self._note(self._store.link_faults.end, subject)
            self._on_well(subject)

    def tell_sensor(self, address: str, name: str, error: DeviceError, *, paired: bool) -> None:
        """Something went wrong with the sensor at `address`; each reason is reported only once.

        Two devices can claim one address, with reasons that alternate. paired: it has a key or a proof.
        """
        if error.reason is DeviceReason.BUSY:
            return
        sensor = self._sensors.get(address)
        if sensor is None:
            unpaired = sum(not one.paired for one in self._sensors.values())
            if not paired and unpaired >= MAX_UNPAIRED:
                return
            sensor = self._sensors[address] = _Sensor(f"Sensor {name} ({address})", paired)
        sensor.paired |= paired
        if error.reason in sensor.reasons:
            return
        sensor.reasons.add(error.reason)
        self._note(self._store.link_faults.begin, sensor.subject, error.reason.value, str(error))
        self._on_link_fault(error)

    def sensor_well(self, address: str) -> None:
        """The sensor at this address has proved itself."""
        sensor = self._sensors.pop(address, None)
        if sensor is not None:
            self._note(self._store.link_faults.end, sensor.subject)
            self._on_well(sensor.subject)

    async def keep(self) -> None:
        """Write the faults in order until cancelled, outside sync sessions: writing waits for the disk."""
        while True:
            await asyncio.to_thread(await self._notes.get())

    def _note(self, write: Callable[..., None], *values: str | None) -> None:
        self._notes.put_nowait(partial(write, *values, self._clock.utc_us(self._clock.now_s())))


@dataclass
class _Sensor:
    """The fault of one sensor. subject: its first name, because a name may change."""

    subject: str
    paired: bool
    reasons: set[DeviceReason] = field(default_factory=set)
