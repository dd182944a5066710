"""The Bluetooth side of the daemon: every adapter keeps scanning, each sensor that advertises is synced.

`scanning` has a machine for each adapter, `peer` one for each sensor, `reconnect` their tables.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from bleak.backends.device import BLEDevice

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.link import ble
from twitchwatch.link.admission import Admission
from twitchwatch.link.link_faults import LinkFaults
from twitchwatch.link.peer import Peer, Sync
from twitchwatch.link.reconnect import LONGEST_PAUSE_S, Event, ScanEvent, State
from twitchwatch.link.scanning import Scan
from twitchwatch.link.sync_session import LINK_LOST, SyncReport
from twitchwatch.shared.protocol.service import SERVICE_UUID

if TYPE_CHECKING:
    from twitchwatch.link.bluez import AdapterState

# A device that advertises our service under ever new addresses must not fill the memory: beyond this many,
# the unpaired one silent longest is dropped, then the ring silent longest. No household has that many.
MAX_PEERS = 32
# An attempt to connect to an unpaired device ends after this time: nothing is received meanwhile, and a ring
# listens for 15 s. Connecting takes 0.5 to 0.7 s (see `ble.CONNECT_TIMEOUT_S`).
UNPAIRED_ATTEMPT_S = 3.0
_BLUETOOTH = "Bluetooth"
# These are the adapter's faults, whichever sensor they affect.
ADAPTER_REASONS = frozenset(
    (DeviceReason.NO_ADAPTER, DeviceReason.ADAPTER_OFF, DeviceReason.SERVICE_DOWN, DeviceReason.NOT_ALLOWED)
)


class Radios:
    """All adapters and all sensors synced over them; `group` carries their tasks.

    adapters: which to use; None means all that the system has, now and later, restricted to those named in
    `only`. `paired` returns the hardware ids that have a key: these sensors are always connected, others
    one at a time. `proven` has the hardware id that was proved before at each address, and `on_proven` is
    called with a new such pair. `meet` runs a sync session over an open pipe; `on_state` is called when a
    sensor's state changes.
    """

    def __init__(
        self,
        group: asyncio.TaskGroup,
        link_faults: LinkFaults,
        *,
        adapters: Sequence[ble.Adapter] | None,
        only: Collection[str],
        paired: Callable[[], Collection[str]],
        proven: Mapping[str, str],
        on_proven: Callable[[str, str], None],
        meet: Sync,
        on_state: Callable[[str, State], None],
    ) -> None:
        self._group = group
        self._link_faults = link_faults
        self._adapters = adapters
        self._only = only
        self._on_proven = on_proven
        self._meet = meet
        self._on_state = on_state
        self._scans: dict[str, Scan] = {}
        self._peers: dict[str, Peer] = {}
        self._admission = Admission(paired, proven)
        self._cabled: set[str] = set()

    @property
    def idle(self) -> bool:
        """No sensor is being synced or connected."""
        return all(peer.state not in (State.CONNECTING, State.SYNCING) for peer in self._peers.values())

    def start(self) -> None:
        """Start scanning."""
        if self._adapters is not None:
            for adapter in self._adapters:
                self._scan(adapter).feed(ScanEvent.BACK)
        elif sys.platform == "linux":
            self._group.create_task(self._follow_adapters())
        else:
            self._scan(ble.Adapter()).feed(ScanEvent.BACK)

    def close(self) -> None:
        """Start nothing from now on, whatever still arrives."""
        for scan in self._scans.values():
            scan.close()
        for peer in self._peers.values():
            peer.close()

    def look_after(self, slept: bool) -> None:
        """Called regularly; `slept`: the computer was suspended since."""
        if slept:
            # Controllers lose their links in a suspend, and some their scan, without reporting it.
            for peer in self._peers.values():
                peer.feed(Event.WOKE)
            for scan in self._scans.values():
                scan.feed(ScanEvent.WOKE)
        for scan in self._scans.values():
            scan.look_after()

    def identified(self, peer: Peer, hardware_id: str) -> None:
        """The sensor at this address has been authenticated."""
        peer.hardware_id = hardware_id
        # It is proven from now on, however long its sync session lasts.
        self._admission.ended(peer.address, _now_s(), proven=True)
        if self._admission.prove(peer.address, hardware_id):
            self._on_proven(peer.address, hardware_id)
        peer.paired = True
        self._link_faults.sensor_well(peer.address)
        if hardware_id in self._cabled:
            peer.feed(Event.CABLE_IN)

    def cable_in(self, hardware_id: str) -> None:
        """The sensor is on a cable: release it here."""
        self._cabled.add(hardware_id)
        for peer in self._peers.values():
            if peer.hardware_id == hardware_id:
                peer.feed(Event.CABLE_IN)

    def cable_out(self, hardware_id: str) -> None:
        """The cable has released it."""
        self._cabled.discard(hardware_id)
        for peer in self._peers.values():
            if peer.hardware_id == hardware_id:
                peer.feed(Event.CABLE_OUT)

    async def _follow_adapters(self) -> None:
        from twitchwatch.link import bluez

        # No other process collects (the lock), so existing connections were left by a killed daemon.
        with suppress(DeviceError):
            await bluez.let_go(SERVICE_UUID)
        while True:
            try:
                async with aclosing(bluez.changes()) as changes:
                    async for found in changes:
                        if found is None:
                            self._no_service(bluez.service_down("it is not running"))
                        else:
                            self._take_adapters(found)
            except DeviceError as error:
                self._no_service(error)
            await asyncio.sleep(LONGEST_PAUSE_S)

    def _no_service(self, error: DeviceError) -> None:
        for scan in self._scans.values():
            scan.feed(ScanEvent.LOST)
        self._link_faults.tell(_BLUETOOTH, error)

    def _take_adapters(self, found: Sequence[AdapterState]) -> None:
        wanted = [one for one in found if one.central and (not self._only or one.name in self._only)]
        usable = {one.name for one in wanted if one.powered}
        for name, scan in self._scans.items():
            if name not in usable:
                scan.feed(ScanEvent.LOST)
        for name in usable:
            scan = self._scans.get(name) or self._scan(ble.Adapter(name))
            scan.feed(ScanEvent.BACK)
        if usable:
            self._link_faults.well(_BLUETOOTH)
        elif wanted:
            names = ", ".join(one.name for one in wanted)
            self._link_faults.tell(
                _BLUETOOTH,
                DeviceError(
                    f"The Bluetooth adapter {names} is off. Switch it on: `bluetoothctl power on` (after"
                    " `rfkill unblock bluetooth`).",
                    DeviceReason.ADAPTER_OFF,
                ),
            )
        else:
            which = f" of the name {' or '.join(self._only)}" if self._only else ""
            self._link_faults.tell(
                _BLUETOOTH,
                DeviceError(
                    f"There is no Bluetooth adapter{which} that can connect to sensors. Plug one in; `rfkill"
                    " list` shows one that is switched off.",
                    DeviceReason.NO_ADAPTER,
                ),
            )

    def _scan(self, adapter: ble.Adapter) -> Scan:
        scan = Scan(
            adapter,
            self._group,
            on_heard=self._heard,
            on_lost=self._adapter_lost,
            on_link_fault=lambda adapter, error: self._link_faults.tell(_title(adapter), error),
            on_well=lambda adapter: self._link_faults.well(_title(adapter)),
        )
        self._scans[adapter.name] = scan
        return scan

    def _heard(self, adapter: ble.Adapter, device: BLEDevice) -> None:
        peer = self._peers.get(device.address)
        known = (peer is not None and peer.hardware_id is not None) or self._admission.paired(
            device.address, _now_s()
        )
        if known:
            self._make_way(adapter)
        if not known and peer is not None and peer.state is not State.AWAY:
            # Heard during its pause it would be tried at the pause's end, past the slot.
            return
        if not known and not self._admission.admit(device.address, _now_s()):
            return
        if peer is None and not self._make_room(known):
            self._admission.ended(device.address, _now_s(), proven=False)
            return
        if peer is None:
            peer = self._peers[device.address] = Peer(
                device.address,
                self._group,
                meet=self._met,
                setting_up=partial(self._setting_up, device.address),
                on_state=self._peer_state,
                on_link_fault=self._peer_fault,
            )
        peer.paired = known
        peer.heard(adapter, device)

    def _make_way(self, adapter: ble.Adapter) -> None:
        """A paired sensor advertises: end an attempt to connect to an unpaired device over this adapter."""
        for peer in self._peers.values():
            if not peer.paired and peer.adapter_name == adapter.name:
                peer.feed(Event.YIELD)

    @asynccontextmanager
    async def _setting_up(self, address: str, adapter: ble.Adapter) -> AsyncIterator[None]:
        peer = self._peers.get(address)
        limit_s = None if peer is not None and peer.paired else UNPAIRED_ATTEMPT_S
        async with self._scans[adapter.name].held(), asyncio.timeout(limit_s):
            yield

    def _peer_state(self, peer: Peer, state: State) -> None:
        if state not in (State.CONNECTING, State.SYNCING):
            self._admission.ended(peer.address, _now_s(), proven=peer.hardware_id is not None)
        self._on_state(peer.address, state)

    def _make_room(self, known: bool) -> bool:
        """Make room for one more: drop an idle one, but never a paired one for an unpaired one."""
        if len(self._peers) < MAX_PEERS:
            return True
        idle = [
            peer
            for peer in self._peers.values()
            if peer.state in (State.AWAY, State.PAUSING) and (known or not peer.paired)
        ]
        if not idle:
            return False
        dropped = min(idle, key=lambda peer: (peer.paired, peer.heard_s))
        dropped.close()
        del self._peers[dropped.address]
        return True

    def _adapter_lost(self, adapter: ble.Adapter) -> None:
        for peer in self._peers.values():
            peer.adapter_lost(adapter)

    async def _met(self, peer: Peer, pipe: ble.BlePipe) -> SyncReport:
        report = await self._meet(peer, pipe)
        if report.outcome == LINK_LOST:
            # The cause of the lost link may have ended the scan too; a new scan also finds the sensor first.
            self._scans[peer.adapter_name].feed(ScanEvent.QUIET)
        if report.unpaired:
            error = DeviceError(f"{peer.name}: {report.outcome}.", DeviceReason.NOT_PAIRED)
            self._link_faults.tell_sensor(peer.address, peer.name, error, paired=peer.paired)
        return report

    def _peer_fault(self, peer: Peer, error: DeviceError) -> None:
        scan = self._scans.get(peer.adapter_name)
        if error.reason in ADAPTER_REASONS and scan is not None:
            # Not the sensor's fault; its scan may have ended silently.
            scan.fail(error)
        else:
            self._link_faults.tell_sensor(peer.address, peer.name, error, paired=peer.paired)


def _title(adapter: ble.Adapter) -> str:
    return f"{_BLUETOOTH} {adapter.name}".rstrip()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
