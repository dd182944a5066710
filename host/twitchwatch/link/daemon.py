"""The daemon: keeps every adapter scanning, meets each sensor that calls, and goes on for ever.

It composes: `scanning` has a machine for each adapter, `peer` one for each sensor, `reconnect` their tables.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from bleak.backends.device import BLEDevice

from twitchwatch.errors import DeviceError, DeviceReason, TwitchwatchError
from twitchwatch.link import ble
from twitchwatch.link.host_clock import HostClock
from twitchwatch.link.keys import Keys
from twitchwatch.link.meeting import LINK_LOST, Meeting, MeetingReport
from twitchwatch.link.peer import Peer
from twitchwatch.link.reconnect import LONGEST_PAUSE_S, Event, ScanEvent, State
from twitchwatch.link.scanning import Scan
from twitchwatch.link.wakefulness import ASK_EVERY_S, Wakefulness, suspended_clock
from twitchwatch.store import Device, Store

if TYPE_CHECKING:
    from twitchwatch.link.bluez import AdapterState

# Whoever advertises our service under ever new addresses must not fill the memory: beyond this many the one
# that was silent longest is forgotten. No household has as many rings.
MOST_PEERS = 32
_BLUETOOTH = "Bluetooth"
# These are the adapter's fault, whoever meets with them.
ADAPTER_REASONS = frozenset(
    (DeviceReason.NO_ADAPTER, DeviceReason.ADAPTER_OFF, DeviceReason.SERVICE_DOWN, DeviceReason.NOT_ALLOWED)
)


class Daemon:
    """Collects from every sensor in reach, several at a time.

    adapters: which radios to use; None means all that the system has, now and later. `only` restricts those
    to the ones of these names. `on_meeting` hears of each meeting's end, `on_trouble` of what goes wrong
    besides (told once until it changes), `on_well` of its end, `on_commit` of each batch on disk, `on_state`
    of each change of a sensor's state.
    """

    def __init__(
        self,
        store: Store,
        clock: HostClock,
        host_id: int,
        keys: Keys,
        *,
        adapters: Sequence[ble.Adapter] | None = None,
        only: Collection[str] = (),
        on_meeting: Callable[[MeetingReport], None] = lambda _: None,
        on_trouble: Callable[[DeviceError], None] = lambda _: None,
        on_well: Callable[[str], None] = lambda _: None,
        on_commit: Callable[[Device, Sequence[bytes]], None] | None = None,
        on_state: Callable[[str, State], None] = lambda _, __: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._host_id = host_id
        self._keys = keys
        self._adapters = adapters
        self._only = only
        self._on_meeting = on_meeting
        self._on_trouble = on_trouble
        self._on_well = on_well
        self._on_commit = on_commit
        self._on_state = on_state
        self._scans: dict[str, Scan] = {}
        self._peers: dict[str, Peer] = {}
        self._troubles: dict[str, DeviceReason] = {}
        self._group = asyncio.TaskGroup()
        self._notes: asyncio.Queue[Callable[[], None]] = asyncio.Queue()

    @property
    def idle(self) -> bool:
        """Nobody is being met or connected."""
        return all(peer.state not in (State.CONNECTING, State.MEETING) for peer in self._peers.values())

    async def run(self) -> None:
        """Run until cancelled. Raises the store's errors: without a database nothing may be acknowledged.

        An adapter that is missing or off is waited for, and told through `on_trouble`.
        """
        # What troubled a daemon that was killed troubles this one anew, or is over.
        self._note(self._store.end_troubles, None)
        try:
            async with self._group:
                self._start()
                try:
                    await asyncio.get_running_loop().create_future()
                finally:
                    # Before the tasks are: what still comes in must not begin anything.
                    for scan in self._scans.values():
                        scan.close()
                    for peer in self._peers.values():
                        peer.close()
        except BaseExceptionGroup as errors:
            # One task's error ended the others; it is the one to tell.
            ours, _ = errors.split(TwitchwatchError)
            if ours is not None:
                raise _first(ours) from None
            raise

    def _start(self) -> None:
        self._group.create_task(self._keep_notes())
        self._group.create_task(self._look_after())
        if self._adapters is not None:
            for adapter in self._adapters:
                self._scan(adapter).feed(ScanEvent.BACK)
        elif sys.platform == "linux":
            self._group.create_task(self._follow_adapters())
        else:
            self._scan(ble.Adapter()).feed(ScanEvent.BACK)

    async def _follow_adapters(self) -> None:
        from twitchwatch.link import bluez

        while True:
            try:
                async with aclosing(bluez.changes()) as changes:
                    async for found in changes:
                        self._take_adapters(found)
            except DeviceError as error:
                for scan in self._scans.values():
                    scan.feed(ScanEvent.LOST)
                self._trouble(_BLUETOOTH, error)
            await asyncio.sleep(LONGEST_PAUSE_S)

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
            self._well(_BLUETOOTH)
        elif wanted:
            names = ", ".join(one.name for one in wanted)
            self._trouble(
                _BLUETOOTH,
                DeviceError(
                    f"The Bluetooth adapter {names} is off. Switch it on: `bluetoothctl power on` (after"
                    " `rfkill unblock bluetooth`).",
                    DeviceReason.ADAPTER_OFF,
                ),
            )
        else:
            which = f" of the name {' or '.join(self._only)}" if self._only else ""
            self._trouble(
                _BLUETOOTH,
                DeviceError(
                    f"There is no Bluetooth adapter{which} that can meet sensors. Plug one in; `rfkill list`"
                    " shows one that is switched off.",
                    DeviceReason.NO_ADAPTER,
                ),
            )

    def _scan(self, adapter: ble.Adapter) -> Scan:
        scan = Scan(
            adapter,
            self._group,
            on_heard=self._heard,
            on_lost=self._adapter_lost,
            on_trouble=lambda adapter, error: self._trouble(_title(adapter), error),
            on_well=lambda adapter: self._well(_title(adapter)),
        )
        self._scans[adapter.name] = scan
        return scan

    async def _look_after(self) -> None:
        elapsed_s = suspended_clock()
        wakefulness = Wakefulness(self._now_s(), elapsed_s())
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            if wakefulness.slept_s(self._now_s(), elapsed_s()):
                # Controllers lose their links in a suspend, and some their scan, without telling anybody.
                for peer in self._peers.values():
                    peer.feed(Event.WOKE)
                for scan in self._scans.values():
                    scan.feed(ScanEvent.WOKE)
            for scan in self._scans.values():
                scan.look_after()

    def _heard(self, adapter: ble.Adapter, device: BLEDevice) -> None:
        peer = self._peers.get(device.address)
        if peer is None:
            self._make_room()
            peer = self._peers[device.address] = Peer(
                device.address,
                self._group,
                meet=self._meet,
                setting_up=lambda adapter: self._scans[adapter.name].held(),
                on_state=lambda peer, state: self._on_state(peer.address, state),
                on_trouble=self._peer_trouble,
            )
        peer.heard(adapter, device)

    def _make_room(self) -> None:
        if len(self._peers) >= MOST_PEERS:
            away = [peer for peer in self._peers.values() if peer.state is State.AWAY]
            if away:
                del self._peers[min(away, key=lambda peer: peer.heard_s).address]

    def _adapter_lost(self, adapter: ble.Adapter) -> None:
        for peer in self._peers.values():
            peer.adapter_lost(adapter)

    async def _meet(self, peer: Peer, pipe: ble.BlePipe) -> MeetingReport:
        meeting = Meeting(
            pipe,
            self._store,
            self._clock,
            self._host_id,
            self._keys,
            kind="ble",
            on_device=partial(self._identified, peer),
            on_commit=self._on_commit,
        )
        report = await meeting.hold()
        if not report.stranger:
            self._on_meeting(report)
        if report.outcome == LINK_LOST:
            # What took the link may have taken the scan; a new one hears the sensor first, too.
            self._scans[peer.adapter_name].feed(ScanEvent.QUIET)
        if report.stranger:
            self._trouble(
                peer.name,
                DeviceError(f"{peer.name}: {report.outcome}.", DeviceReason.NOT_PAIRED),
            )
        return report

    def _identified(self, peer: Peer, device: Device) -> None:
        peer.hardware_id = device.hardware_id
        self._well(peer.name)

    def _peer_trouble(self, peer: Peer, error: DeviceError) -> None:
        scan = self._scans.get(peer.adapter_name)
        if error.reason in ADAPTER_REASONS and scan is not None:
            # Not the sensor's fault; its scan may have ended without a word.
            scan.fail(error)
        else:
            self._trouble(peer.name, error)

    def _trouble(self, subject: str, error: DeviceError) -> None:
        # Connections that get in each other's way sort themselves out.
        if error.reason is DeviceReason.BUSY or self._troubles.get(subject) is error.reason:
            return
        self._troubles[subject] = error.reason
        self._note(self._store.begin_trouble, subject, error.reason.value, str(error))
        self._on_trouble(error)

    def _well(self, subject: str) -> None:
        if self._troubles.pop(subject, None) is not None:
            self._note(self._store.end_troubles, subject)
            self._on_well(subject)

    def _note(self, write: Callable[..., None], *values: str | None) -> None:
        self._notes.put_nowait(partial(write, *values, self._clock.utc_us(self._clock.now_s())))

    async def _keep_notes(self) -> None:
        # In order, and beside the meetings: a write waits for the disk.
        while True:
            await asyncio.to_thread(await self._notes.get())

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()


def _title(adapter: ble.Adapter) -> str:
    return f"{_BLUETOOTH} {adapter.name}".rstrip()


def _first(errors: BaseExceptionGroup[TwitchwatchError]) -> TwitchwatchError:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
