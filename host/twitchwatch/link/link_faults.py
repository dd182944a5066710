"""What prevents records from arriving: reported once, stored with its time, and reported when over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.link.host_clock import HostClock
from twitchwatch.store import Store


class LinkFaults:
    """At most one fault for each subject: an adapter, a port, a sensor."""

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
        self._notes: asyncio.Queue[Callable[[], None]] = asyncio.Queue()
        # A fault of a daemon that was killed either occurs again or is over.
        self._note(store.link_faults.end, None)

    def tell(self, subject: str, error: DeviceError) -> None:
        """Something goes wrong with `subject`; the same reason again is not reported."""
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

    async def keep(self) -> None:
        """Write the notes in order, beside the sync sessions, until cancelled: a write waits for the disk."""
        while True:
            await asyncio.to_thread(await self._notes.get())

    def _note(self, write: Callable[..., None], *values: str | None) -> None:
        self._notes.put_nowait(partial(write, *values, self._clock.utc_us(self._clock.now_s())))
