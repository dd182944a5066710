"""One sync session with a device: carries out the sync engine's actions over a transport and a store."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from twitchwatch.errors import DeviceError
from twitchwatch.foreign import one_line
from twitchwatch.link.cipher import aes_ctr
from twitchwatch.link.host_clock import HostClock
from twitchwatch.link.host_zone import computer_zone
from twitchwatch.link.keys import Keys
from twitchwatch.link.transport import Transport
from twitchwatch.shared.protocol import messages
from twitchwatch.shared.protocol.actions import Captured, Changed, Commit, Done, Fail, Identify, Send, Timed
from twitchwatch.shared.protocol.host_states import DONE, FAILED
from twitchwatch.shared.protocol.keys import NONCE_BYTES
from twitchwatch.shared.protocol.records import seq_at
from twitchwatch.shared.protocol.sync import SyncEngine
from twitchwatch.store import Count, Device, Store, UnplacedError
from twitchwatch.store.changes import APPLIED, Change

COMPLETE = "complete"
LINK_LOST = "link lost"
STOPPED = "stopped"
NO_PROOF = "the device does not prove that it is paired"
# In a live sync session a new setting reaches the device within this time plus a heartbeat.
ASK_EVERY_S = 5.0
# Whether raw samples are wanted is looked at this often.
LOOK_EVERY_S = 0.5

# A sensor proves its key within a second; after failed guesses of others it delays that by up to 4 s.
PROOF_S = 6.0

TakeRaw = Callable[[Captured], bool]


@dataclass
class SyncReport:
    """The result of a sync session. Counts are of records unless the name says otherwise.

    unpaired: sensor and computer have no common key; until they are paired, no sync session succeeds.
    """

    device: Device | None = None
    live: bool = False
    stored: int = 0
    repeated: int = 0
    unread: int = 0
    conflicts: int = 0
    damaged: int = 0
    missing: int = 0
    damaged_frames: int = 0
    asked_again: int = 0
    refused_frames: int = 0
    outcome: str = STOPPED
    unpaired: bool = False
    warnings: list[str] = field(default_factory=list)


class SyncSession:
    """Drives one SyncEngine until the device has nothing more, the link is lost, or the task is cancelled.

    stay: keep a link that the device keeps open; otherwise end it once everything is here. proof_within_s:
    end the session if the device has not proved its key by then; None waits as long as it answers.

    `on_device(device)` receives its identity, `on_commit(device, records)` the records just committed.
    `capture_from(device)` is asked at once and then every LOOK_EVERY_S: while it returns a function, the
    device sends raw samples, which that function receives; None means that none are wanted. Once the function
    has returned False, it is not asked again.
    """

    def __init__(
        self,
        transport: Transport,
        store: Store,
        clock: HostClock,
        host_id: int,
        keys: Keys,
        *,
        kind: str,
        stay: bool = True,
        proof_within_s: float | None = None,
        on_device: Callable[[Device], None] | None = None,
        on_commit: Callable[[Device, Sequence[bytes]], None] | None = None,
        capture_from: Callable[[Device], TakeRaw | None] = lambda _: None,
    ) -> None:
        self._transport = transport
        self._store = store
        self._clock = clock
        self._keys = keys
        self._proof_within_s = proof_within_s
        self._offered = keys.load()
        self._engine = SyncEngine(host_id, self._offered, aes_ctr, secrets.token_bytes(NONCE_BYTES), stay)
        self._kind = kind
        self._on_device = on_device
        self._on_commit = on_commit
        self._sync_id: int | None = None
        self._capture_from = capture_from
        self._take_raw: TakeRaw | None = None
        self._has_enough = False
        self._changes: deque[Change] = deque()
        self._asked_s = 0.0
        self._first_seq = self._due_seq = self._held_seq = 0
        self._compared = False
        self.report = SyncReport()

    async def run(self) -> SyncReport:
        """Run the session. Raises the store's errors; a lost link or a silent device is an outcome."""
        report = self.report
        try:
            await self._converse()
        except DeviceError as error:
            if self._engine.state == DONE:
                # The device disconnects as soon as it has read BYE.
                report.outcome = COMPLETE
            else:
                report.outcome = LINK_LOST
                report.warnings.append(str(error))
        finally:
            report.damaged_frames = self._engine.damaged_frames
            report.refused_frames = self._engine.refused_frames
            report.asked_again = self._engine.refetches
            if self._sync_id is not None:
                self._store.end_sync(
                    self._sync_id,
                    ended_utc_us=self._clock.utc_us(self._clock.now_s()),
                    records=report.stored,
                    unread=report.unread,
                    damaged=report.damaged,
                    outcome=report.outcome,
                )
        return report

    async def _converse(self) -> None:
        engine = self._engine
        began_s = self._clock.now_s()
        await self._carry_out(engine.start(began_s))
        while self.report.outcome == STOPPED:
            now_s = self._clock.now_s()
            due_s = engine.deadline_s()
            if self._proof_within_s is not None and self.report.device is None:
                proof_s = began_s + self._proof_within_s
                if now_s >= proof_s:
                    self.report.outcome = NO_PROOF
                    return
                due_s = min(due_s, proof_s)
            wait_s = min(LOOK_EVERY_S, max(0.0, due_s - now_s))
            try:
                # Not wait_for: before Python 3.12 that swallows a cancellation that arrives with a piece.
                async with asyncio.timeout(wait_s):
                    piece = await self._transport.arrived.get()
            except TimeoutError:
                await self._carry_out(engine.tick(self._clock.now_s()) + self._ask_raw())
                if self.report.live and self._clock.now_s() >= self._asked_s + ASK_EVERY_S:
                    await self._carry_out(await self._ask_changes())
                continue
            if piece is None:
                self.report.outcome = LINK_LOST
                return
            await self._carry_out(engine.receive(piece, self._clock.now_s()))
            await self._carry_out(engine.tick(self._clock.now_s()) + self._ask_raw())

    async def _carry_out(self, actions: Sequence[tuple[object, ...]]) -> None:
        todo = deque(actions)
        while todo:
            action = todo.popleft()
            if isinstance(action, Send):
                await self._transport.send(action.data)
            elif isinstance(action, Identify):
                todo.extend(await self._identify(action))
            elif isinstance(action, Commit):
                todo.extend(await self._commit(action))
            elif isinstance(action, Changed):
                await self._answer_change(action)
            elif isinstance(action, Captured):
                if self._take_raw is not None and not self._take_raw(action):
                    self._has_enough = True
                    todo.extend(self._ask_raw())
            elif isinstance(action, Timed):
                now_s = self._clock.now_s()
                utc_us = self._clock.utc_us(action.at_s)
                zone = computer_zone()
                todo.extend(self._engine.anchor(action.time_us, utc_us, action.uncertainty_us, now_s, zone))
            elif isinstance(action, Done):
                self.report.outcome = COMPLETE
            elif isinstance(action, Fail):
                # It may name an id that an unpaired device gave.
                self.report.outcome = one_line(action.reason)
                self.report.unpaired = action.unpaired

    async def _identify(self, action: Identify) -> list[tuple[object, ...]]:
        now_utc_us = self._clock.utc_us(self._clock.now_s())
        key = self._offered[action.hardware_id][action.key_place]
        await asyncio.to_thread(self._keys.proved, action.hardware_id, key)
        device = await asyncio.to_thread(
            self._store.register, action.hardware_id, action.log_id, one_line(action.name), now_utc_us
        )
        count = Count(action.first_seq, action.next_seq, action.boot_id)
        standing = await asyncio.to_thread(self._store.stand, device.id, count, now_utc_us)
        device = await asyncio.to_thread(self._store.device, standing.device_id)
        self._first_seq = min(action.first_seq, standing.from_seq)
        self._due_seq, self._held_seq = standing.from_seq, standing.held_seq
        self._compared = standing.compared
        self._sync_id = await asyncio.to_thread(
            self._store.begin_sync, device.id, self._kind, now_utc_us, computer_zone()
        )
        self.report.device = device
        if self._on_device is not None:
            self._on_device(device)
        self.report.live = action.live
        resumed = self._engine.resume(self._due_seq, self._clock.now_s())
        return resumed + await self._ask_changes() + self._ask_raw()

    def _ask_raw(self) -> list[tuple[object, ...]]:
        """Start or stop raw samples, if that is not what the device does."""
        device, before = self.report.device, self._take_raw
        if device is None or self._engine.state in (DONE, FAILED):
            return []
        self._take_raw = None if self._has_enough else self._capture_from(device)
        if (before is None) == (self._take_raw is None):
            return []
        return self._engine.capture(before is None, self._clock.now_s())

    async def _ask_changes(self) -> list[tuple[object, ...]]:
        """Send the device the settings changed here that are not in transit yet."""
        device = self.report.device
        assert device is not None
        self._asked_s = self._clock.now_s()
        waiting = await asyncio.to_thread(self._store.changes.of, device.hardware_id, waiting=True)
        under_way = {change.id for change in self._changes}
        new = [change for change in waiting if change.id not in under_way]
        self._changes.extend(new)
        return self._engine.change(
            [f"{{{json.dumps(change.name)}:{change.value}}}".encode() for change in new], self._asked_s
        )

    async def _answer_change(self, action: Changed) -> None:
        change = self._changes.popleft()
        now_utc_us = self._clock.utc_us(self._clock.now_s())
        outcome = APPLIED if action.result == messages.APPLIED else f"refused: {one_line(action.words)}"
        await asyncio.to_thread(self._store.changes.answer, change.id, outcome, now_utc_us)
        if outcome != APPLIED:
            self.report.warnings.append(f"{change.name} was not changed ({outcome}).")

    async def _commit(self, action: Commit) -> list[tuple[object, ...]]:
        device = self.report.device
        assert device is not None
        if action.from_seq != self._due_seq:
            # Handed over before the log was requested again from its first record.
            return []
        try:
            result = await asyncio.to_thread(
                partial(self._store.commit, held_seq=self._held_seq, compared=self._compared),
                device.id,
                action.records,
                action.from_seq,
                action.upto_seq,
                action.damaged,
                self._clock.utc_us(self._clock.now_s()),
            )
        except UnplacedError:
            self._due_seq, self._compared = self._first_seq, True
            return self._engine.start_over(self._due_seq, self._clock.now_s())
        held_before = self._held_seq if result.device_id == device.id else 0
        self._due_seq, self._held_seq = action.upto_seq, result.held_seq
        # A window that was stored begins with what was compared, or goes on behind it.
        self._compared = True
        report = self.report
        report.stored += result.stored
        report.repeated += result.repeated
        report.unread += result.unread
        report.conflicts += result.conflicts
        report.damaged += result.damaged
        report.missing += result.missing
        if result.conflicts:
            report.warnings.append(
                f"The log of {device.name} went back to an earlier state and continues with other records."
                " Both are kept, each in a separate log; you need not do anything."
            )
        if result.device_id != device.id:
            report.device = device = await asyncio.to_thread(self._store.device, result.device_id)
            if self._on_device is not None:
                self._on_device(device)
        if self._on_commit is not None:
            self._on_commit(device, [raw for raw in action.records if seq_at(raw, 0) >= held_before])
        return self._engine.committed(action.upto_seq, result.held_seq, self._clock.now_s())
