"""The cables: which ports to use, and successive sync sessions at each.

Only ports that may have a sensor are opened: those at which one was synced or paired, or that the user
named. Other boards are not touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.link import usb
from twitchwatch.link.link_faults import LinkFaults
from twitchwatch.link.reconnect import UNPAIRED_PAUSE_S
from twitchwatch.link.sync_session import SyncReport
from twitchwatch.store import UsbPort

# A sensor on a newly connected cable is synced within this time plus the board's boot.
LOOK_EVERY_S = 1.0
# Long enough for an mpremote command to run between two checks, short compared with copying files.
BUSY_PAUSE_S = 2.0
# A board that does not answer is at its prompt, or runs something else; it may get this firmware later.
SILENT_PAUSE_S = 60.0

Sync = Callable[[usb.Port, usb.UsbPipe], Awaitable[SyncReport]]


class Cables:
    """Syncs sensors at their ports until cancelled; `group` carries the tasks.

    named: ports to use in any case. `known_ports` returns the ports at which sensors were synced,
    `known_sensors` the paired hardware ids: a chip with native USB reports its own as the port's serial
    number.
    """

    def __init__(
        self,
        group: asyncio.TaskGroup,
        link_faults: LinkFaults,
        *,
        named: Sequence[str],
        known_ports: Callable[[], Mapping[UsbPort, str]],
        known_sensors: Callable[[], Collection[str]],
        meet: Sync,
        list_ports: Callable[[], Sequence[usb.Port]] = usb.listed,
    ) -> None:
        self._group = group
        self._link_faults = link_faults
        self._named = [usb.Port(device) for device in named]
        self._known_ports = known_ports
        self._known_sensors = known_sensors
        self._meet = meet
        self._list_ports = list_ports
        self._held: dict[str, asyncio.Task[None]] = {}

    async def watch(self) -> None:
        """Watch for ports that appear and disappear, until cancelled."""
        while True:
            there = {port.device: port for port in await asyncio.to_thread(self._ours)}
            for device, task in list(self._held.items()):
                if task.done():
                    del self._held[device]
                elif device not in there:
                    # Plugged in again, it is synced at once, whatever the pause was.
                    task.cancel()
            for device, port in there.items():
                if device not in self._held:
                    self._held[device] = self._group.create_task(self._hold(port))
            await asyncio.sleep(LOOK_EVERY_S)

    def _ours(self) -> list[usb.Port]:
        present = {port.device: port for port in self._list_ports()}
        named = [present.get(port.device, port) for port in self._named]
        known, sensors = self._known_ports(), self._known_sensors()
        found = [
            port
            for port in present.values()
            if port.chip is not None and (port.chip in known or port.chip.serial_number in sensors)
        ]
        return [*named, *(port for port in found if port not in named)]

    async def _hold(self, port: usb.Port) -> None:
        while True:
            await asyncio.sleep(await self._try(port))

    async def _try(self, port: usb.Port) -> float:
        """Sync once; returns the pause until the next time, in seconds."""
        try:
            async with usb.connected(port) as pipe:
                report = await self._meet(port, pipe)
        except DeviceError as error:
            # A named port that is not plugged in is not a fault; the daemon waits for it.
            if error.reason is not DeviceReason.NO_PORT:
                self._link_faults.tell(port.device, error)
            return BUSY_PAUSE_S
        if report.unpaired:
            unknown = DeviceError(f"The sensor at {port.device}: {report.outcome}.", DeviceReason.NOT_PAIRED)
            self._link_faults.tell(port.device, unknown)
            return UNPAIRED_PAUSE_S
        self._link_faults.well(port.device)
        return SILENT_PAUSE_S if report.device is None else LOOK_EVERY_S
