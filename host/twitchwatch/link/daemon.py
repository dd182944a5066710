"""The daemon: syncs each sensor that advertises over Bluetooth or is connected by cable, until stopped.

It combines `radios`, its Bluetooth side, and `cables`, its USB side; both run the same sync sessions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from twitchwatch.clock.elapsed import elapsed_s
from twitchwatch.errors import DeviceError, TwitchwatchError
from twitchwatch.link import ble, usb
from twitchwatch.link.cables import Cables
from twitchwatch.link.host_clock import HostClock
from twitchwatch.link.keys import Keys
from twitchwatch.link.link_faults import LinkFaults
from twitchwatch.link.peer import Peer
from twitchwatch.link.radios import Radios
from twitchwatch.link.reconnect import State
from twitchwatch.link.sync_session import PROOF_S, SyncReport, SyncSession, TakeRaw
from twitchwatch.link.transport import Transport
from twitchwatch.link.wakefulness import ASK_EVERY_S, Wakefulness
from twitchwatch.store import Device, Store


class Daemon:
    """Collects from every sensor in reach, several at a time. It runs once.

    adapters: which radios to use; None means all that the system has, now and later, restricted to those
    named in `only`; an empty one disables Bluetooth. ports: serial ports to use in addition to those at which
    sensors were met or paired; `list_ports` returns which are connected. stay: keep a link that the sensor
    keeps open; otherwise end it once everything is here.

    `on_sync_session` is called at each sync session's end, `on_link_fault` for anything else that goes wrong
    (once, until it changes), `on_well` at its end, `on_commit` for each batch on disk, `on_state` when a
    sensor's state changes, with its address. `capture_from`: see SyncSession.
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
        ports: Sequence[str] = (),
        list_ports: Callable[[], Sequence[usb.Port]] = usb.listed,
        stay: bool = True,
        on_sync_session: Callable[[SyncReport], None] = lambda _: None,
        on_link_fault: Callable[[DeviceError], None] = lambda _: None,
        on_well: Callable[[str], None] = lambda _: None,
        on_commit: Callable[[Device, Sequence[bytes]], None] | None = None,
        on_state: Callable[[str, State], None] = lambda _, __: None,
        capture_from: Callable[[Device], TakeRaw | None] = lambda _: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._host_id = host_id
        self._keys = keys
        self._stay = stay
        self._on_sync_session = on_sync_session
        self._on_commit = on_commit
        self._on_state = on_state
        self._capture_from = capture_from
        self._group = asyncio.TaskGroup()
        self._link_faults = LinkFaults(store, clock, on_link_fault, on_well)
        self._radios = Radios(
            self._group,
            self._link_faults,
            adapters=adapters,
            only=only,
            paired=keys.load,
            proven=store.addresses.all(),
            on_proven=self._note_address,
            meet=self._meet_by_air,
            on_state=on_state,
        )
        self._cables = Cables(
            self._group,
            self._link_faults,
            named=ports,
            known_ports=store.ports.all,
            known_sensors=keys.load,
            meet=self._meet_by_cable,
            list_ports=list_ports,
        )

    @property
    def idle(self) -> bool:
        """No sensor is being synced or connected over Bluetooth."""
        return self._radios.idle

    async def run(self) -> None:
        """Run until cancelled.

        Raises the store's errors: without a database nothing may be acknowledged. If an adapter is missing
        or off, it is reported by `on_link_fault`, and the daemon waits for it.
        """
        try:
            async with self._group as group:
                group.create_task(self._link_faults.keep())
                group.create_task(self._look_after())
                group.create_task(self._cables.watch())
                self._radios.start()
                try:
                    await asyncio.get_running_loop().create_future()
                finally:
                    # Before the tasks end: later events must not start anything.
                    self._radios.close()
        except BaseExceptionGroup as errors:
            # One task's error ended the others; that is the one to report.
            ours, _ = errors.split(TwitchwatchError)
            if ours is not None:
                raise _first(ours) from None
            raise

    async def _look_after(self) -> None:
        now_s = asyncio.get_running_loop().time
        wakefulness = Wakefulness(now_s(), elapsed_s())
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            self._radios.look_after(wakefulness.slept_s(now_s(), elapsed_s()) > 0)

    async def _meet_by_air(self, peer: Peer, pipe: ble.BlePipe) -> SyncReport:
        return await self._hold(pipe, "ble", lambda device: self._radios.identified(peer, device.hardware_id))

    def _note_address(self, address: str, hardware_id: str) -> None:
        self._group.create_task(asyncio.to_thread(self._store.addresses.note, address, hardware_id))

    async def _meet_by_cable(self, port: usb.Port, pipe: usb.UsbPipe) -> SyncReport:
        met: set[str] = set()

        def identified(device: Device) -> None:
            met.add(device.hardware_id)
            self._link_faults.well(port.device)
            self._radios.cable_in(device.hardware_id)
            self._on_state(port.device, State.SYNCING)
            if port.chip is not None:
                noting = asyncio.to_thread(self._store.ports.note, port.chip, device.hardware_id)
                self._group.create_task(noting)

        try:
            return await self._hold(pipe, "usb", identified)
        finally:
            for hardware_id in met:
                self._radios.cable_out(hardware_id)
                self._on_state(port.device, State.AWAY)

    async def _hold(self, pipe: Transport, kind: str, on_device: Callable[[Device], None]) -> SyncReport:
        sync_session = SyncSession(
            pipe,
            self._store,
            self._clock,
            self._host_id,
            self._keys,
            kind=kind,
            stay=self._stay,
            # A board on a cable may be starting, and keeps nobody else waiting.
            proof_within_s=PROOF_S if kind == "ble" else None,
            on_device=on_device,
            on_commit=self._on_commit,
            capture_from=self._capture_from,
        )
        report = await sync_session.run()
        # An unpaired sensor is a link fault, not a sync session, and so is a port without an answer.
        if report.device is not None:
            self._on_sync_session(report)
        return report


def _first(errors: BaseExceptionGroup[TwitchwatchError]) -> TwitchwatchError:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
