"""Whatever advertises, in whatever order: addresses, attempts and faults that the daemon keeps are bounded.

The real adapters' and sensors' machines over an empty virtual air, on a clock that the test moves.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path

from bleak.backends.device import BLEDevice
from bumble import hci
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.link import link_faults, radios
from twitchwatch.link.daemon import Daemon
from twitchwatch.link.keys import Keys
from twitchwatch.link.reconnect import Event, State
from twitchwatch.sim.air import Air
from twitchwatch.sim.backend import Adapter
from twitchwatch.sim.ring import WorldClock
from twitchwatch.store import Store

PAIRED = [f"24:0A:C4:00:00:{number:02X}" for number in range(0, 12, 4)]
MOST_PEERS, MOST_FAULTS = 5, 2
BUSY = (State.CONNECTING, State.SYNCING)


class Loop(asyncio.SelectorEventLoop):
    """A clock that also moves when asked."""

    ahead_s = 0.0

    def time(self) -> float:
        return super().time() + self.ahead_s


class Crowd(RuleBasedStateMachine):
    """Addresses that advertise, fail, prove themselves and go, in any order."""

    @initialize()
    def begin(self) -> None:
        logging.getLogger("bumble").setLevel(logging.CRITICAL)
        self.limits = radios.MAX_PEERS, link_faults.MAX_UNPAIRED
        # Low, so that a short run reaches them.
        radios.MAX_PEERS, link_faults.MAX_UNPAIRED = MOST_PEERS, MOST_FAULTS
        self.loop = Loop()
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.said: list[DeviceError] = []
        self.do(self._begin())

    async def _begin(self) -> None:
        folder = Path(self.folder.name)
        self.adapter = await Adapter.create(Air())
        self.store = Store.open(folder / "t.db")
        keys = Keys(folder / "keys.json")
        for hardware_id in PAIRED:
            keys.make(hardware_id)
        self.daemon = Daemon(
            self.store,
            WorldClock(0),
            1,
            keys,
            adapters=[self.adapter.for_daemon],
            list_ports=list,
            on_link_fault=self.said.append,
        )
        self.radios = self.daemon._radios
        self.running = asyncio.create_task(self.daemon.run())

    def do(self, what) -> None:
        async def step() -> None:
            await what
            for _ in range(20):
                await asyncio.sleep(0)

        self.loop.run_until_complete(step())

    async def hear(self, address: str, name: str) -> None:
        device = BLEDevice(address, name, hci.Address(address, hci.Address.PUBLIC_DEVICE_ADDRESS))
        self.radios._heard(self.adapter.for_daemon, device)

    @rule(first=st.integers(0, 2**20), count=st.integers(1, 60), name=st.sampled_from(["", "Twitchband"]))
    def strangers(self, first: int, count: int, name: str) -> None:
        async def advertise() -> None:
            for number in range(first, first + count):
                address = bytes([0x66, 0, 0, *number.to_bytes(3, "big")]).hex(":").upper()
                await self.hear(address, name)

        self.do(advertise())

    @rule(address=st.sampled_from(PAIRED))
    def ring(self, address: str) -> None:
        self.do(self.hear(address, "Twitchband"))
        # It gets its turn at once unless all are at work, and no stranger keeps it waiting.
        mine = self.radios._peers.get(address)
        if mine is None:
            assert all(peer.state in (*BUSY, State.CABLED) for peer in self.peers())
        else:
            assert mine.state is not State.AWAY
        assert not [peer for peer in self.peers() if not peer.paired and peer.state is State.CONNECTING]

    @rule(
        place=st.integers(0, 40),
        event=st.sampled_from(
            [Event.FAILED, Event.LOST, Event.ENDED, Event.CONNECTED, Event.STALE, Event.WOKE]
        ),
        reason=st.sampled_from([DeviceReason.NO_ANSWER, DeviceReason.NOT_PAIRED, DeviceReason.STALE]),
    )
    def happens(self, place: int, event: Event, reason: DeviceReason) -> None:
        async def happen() -> None:
            peer = self.peers()[place % len(self.peers())]
            self.radios._peer_fault(peer, DeviceError("It failed.", reason))
            peer.feed(event)

        if self.peers():
            self.do(happen())

    @rule(place=st.integers(0, 40))
    def proof(self, place: int) -> None:
        async def prove() -> None:
            peer = self.peers()[place % len(self.peers())]
            self.radios.identified(peer, peer.address)

        if self.peers():
            self.do(prove())

    @rule(hardware_id=st.sampled_from(PAIRED), plugged_in=st.booleans())
    def cable(self, hardware_id: str, plugged_in: bool) -> None:
        async def plug() -> None:
            (self.radios.cable_in if plugged_in else self.radios.cable_out)(hardware_id)

        self.do(plug())

    @rule(seconds=st.sampled_from([0.3, 2.0, 9.0, 130.0]))
    def wait(self, seconds: float) -> None:
        self.loop.ahead_s += seconds
        self.do(asyncio.sleep(0))

    def peers(self):
        return list(self.radios._peers.values())

    @invariant()
    def bounded(self) -> None:
        if not hasattr(self, "radios"):
            return
        assert len(self.peers()) <= MOST_PEERS
        assert len([peer for peer in self.peers() if not peer.paired and peer.state in BUSY]) <= 1
        faults = self.daemon._link_faults._sensors
        assert len([one for one in faults.values() if not one.paired]) <= MOST_FAULTS
        assert not self.running.done()

    def teardown(self) -> None:
        radios.MAX_PEERS, link_faults.MAX_UNPAIRED = self.limits
        if hasattr(self, "radios"):
            self.loop.run_until_complete(self._end())
            self.loop.close()
            self.folder.cleanup()

    async def _end(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)
        await self.adapter.close()
        self.store.close()


Crowd.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestCrowd = Crowd.TestCase


def test_a_proof_at_an_address_that_says_nothing_is_known_after_a_restart() -> None:
    crowd = Crowd()
    crowd.begin()
    hidden = "5C:0E:11:22:33:44"

    async def prove() -> None:
        await crowd.hear(hidden, "Twitchband")
        crowd.radios.identified(crowd.radios._peers[hidden], PAIRED[0])

    async def start_again() -> None:
        while not crowd.store.addresses.all():
            await asyncio.sleep(0.01)
        keys = Keys(Path(crowd.folder.name) / "keys.json")
        again = Daemon(crowd.store, WorldClock(0), 1, keys, adapters=[], list_ports=list)
        assert again._radios._admission.paired(hidden, crowd.loop.time())
        keys.forget(PAIRED[0])
        again = Daemon(crowd.store, WorldClock(0), 1, keys, adapters=[], list_ports=list)
        assert not again._radios._admission.paired(hidden, crowd.loop.time())

    crowd.do(prove())
    crowd.do(start_again())
    crowd.teardown()
