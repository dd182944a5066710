"""What a sync session reports, asks and passes on: to its caller, to the store, and to the key file."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.link.test_sync_session import UTC_US, Clock, Log, Pipe, keys, marks, met, sealed, store
from tests.protocol.peers import HARDWARE_ID, HOST_ID, KEY
from twitchwatch.errors import DeviceError
from twitchwatch.link.keys import Keys
from twitchwatch.link.sync_session import (
    ASK_EVERY_S,
    COMPLETE,
    LINK_LOST,
    PROOF_S,
    STOPPED,
    SyncReport,
    SyncSession,
)
from twitchwatch.shared.protocol import messages
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.actions import Captured
from twitchwatch.shared.protocol.device_handshake import DELAYS_S
from twitchwatch.shared.protocol.session import DeviceSession
from twitchwatch.store import Device, Store

__all__ = ["keys", "store"]
pytestmark = pytest.mark.usefixtures("promptly")
STRANGE_KEY = bytes(range(1, 17))


class Owned(Pipe):
    """A ring whose settings can be changed, that can send raw samples, and that may stay."""

    def __init__(self, log: Log, *, live: bool = False) -> None:
        super().__init__(log)
        self.session.live = live
        self.changed: list[bytes] = []
        self.heard: list[bool] = []
        self.samples = 0
        self.answer = (messages.APPLIED, "")

    def change(self, text: bytes) -> tuple[int, str]:
        self.changed.append(text)
        return self.answer

    def listen(self, session: DeviceSession) -> None:
        self.heard.append(session.capturing)

    async def sample(self) -> None:
        """One frame of raw samples, if they are wanted and nothing else is on its way."""
        if self.arrived.empty() and self.session.capturing:
            self.samples += 1
            self.session.captured((self.samples, 5, 104_000, 122_070, 0, 3), bytes(6))
            await self.send(b"")


def report_of(session: SyncSession) -> SyncReport:
    return asyncio.run(met(session))


def ask(store: Store, name: str, value: str) -> None:
    store.changes.ask(HARDWARE_ID, name, value, UTC_US)


def test_a_meeting_without_trouble_reports_what_came_and_nothing_else(store: Store, keys: Keys) -> None:
    report = report_of(SyncSession(Pipe(Log(marks(5))), store, Clock(), HOST_ID, keys, kind="test"))
    (device,) = store.devices()
    assert report.device is not None
    assert replace(report, device=None) == SyncReport(stored=6, outcome=COMPLETE)
    assert not report.unpaired
    assert (report.device.id, report.device.name) == (device.id, "ring")
    (first,) = store.syncs(device.id)
    assert (first.transport, first.outcome, first.records, first.unread, first.damaged) == (
        "test",
        COMPLETE,
        6,
        0,
        0,
    )
    assert first.ended_utc_us is not None
    assert UTC_US <= first.started_utc_us < first.ended_utc_us < UTC_US + 5_000_000


def test_each_kind_of_trouble_is_counted_for_itself(store: Store, keys: Keys) -> None:
    report_of(SyncSession(Pipe(Log(marks(3))), store, Clock(), HOST_ID, keys, kind="test"))
    held = [record.raw for record in store.records(1)]
    records = [*held, *marks(12)[len(held) :]]
    records[5] = sealed(200, 1, 5, b"from the future")
    records[7] = records[7][:-1] + bytes([records[7][-1] ^ 1])
    pipe = Pipe(Log(records))
    send = pipe.send

    async def noisy(data: bytes) -> None:
        # A frame of the ring that is damaged, and one that somebody else made.
        pipe.arrived.put_nowait(b"\x07\x07\x07\0")
        await send(data)

    pipe.send = noisy  # type: ignore[method-assign]
    report = report_of(SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test"))
    assert (report.outcome, report.stored, report.repeated) == (COMPLETE, 8, 1)
    assert (report.unread, report.damaged, report.missing, report.conflicts) == (1, 1, 1, 0)
    assert report.damaged_frames > 2
    assert (report.refused_frames, report.asked_again, report.warnings) == (0, 0, [])


@pytest.mark.parametrize("proved", [STRANGE_KEY, None])
def test_without_a_common_key_nothing_is_said_but_that(
    store: Store, keys: Keys, proved: bytes | None
) -> None:
    pipe = Pipe(Log(marks(5)))
    pipe.hosts._key = proved
    report = report_of(SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test"))
    assert report.unpaired
    assert report.device is None
    assert store.devices() == []
    assert report.outcome not in (COMPLETE, STOPPED, LINK_LOST)


def test_the_key_that_is_proved_is_the_only_one_from_then_on(store: Store, keys: Keys) -> None:
    for place, mine in enumerate(([STRANGE_KEY, KEY], [KEY, STRANGE_KEY])):
        keys.path.write_text(json.dumps({HARDWARE_ID: [key.hex() for key in mine], "other": ["00" * 16]}))
        report_of(SyncSession(Pipe(Log(marks(place))), store, Clock(), HOST_ID, keys, kind="test"))
        assert keys.load() == {HARDWARE_ID: [KEY], "other": [bytes(16)]}


def test_a_proof_is_waited_for_as_long_as_a_ring_may_delay_it() -> None:
    assert DELAYS_S[-1] + 1 < PROOF_S < DELAYS_S[-1] + 3


def test_a_link_that_breaks_says_why_unless_all_was_said(store: Store, keys: Keys) -> None:
    class Breaking(Pipe):
        after = 0

        async def send(self, data: bytes) -> None:
            await super().send(data)
            if self.session.finished or (self.after and len(store.devices()) == self.after):
                raise DeviceError("the radio is gone")

    pipe = Breaking(Log(marks(5)))
    assert report_of(SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test")).outcome == COMPLETE
    pipe = Breaking(Log(marks(5)))
    pipe.after = 1
    report = report_of(SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test"))
    assert (report.outcome, report.warnings) == (LINK_LOST, ["the radio is gone"])


def test_who_it_is_and_what_is_new_is_passed_on(store: Store, keys: Keys) -> None:
    seen: list[int] = []
    new: list[int] = []

    def on_device(device: Device) -> None:
        seen.append(device.id)

    def on_commit(device: Device, records: Sequence[bytes]) -> None:
        assert device.id == seen[-1]
        new.extend(protocol.seq_at(raw, 0) for raw in records)

    log = Log(marks(5))
    for _ in range(2):
        report_of(
            SyncSession(
                Pipe(log),
                store,
                Clock(),
                HOST_ID,
                keys,
                kind="test",
                on_device=on_device,
                on_commit=on_commit,
            )
        )
        log.first_seq = 0
        log.records += [protocol.encode(protocol.MARK, len(log.records), 1, 99, (0,))]
    assert seen == [1, 1]
    # The one that was compared is not new; each meeting's own anchor is.
    assert new == list(range(len(log.records) - 1))


@pytest.mark.parametrize("first", [10, 0])
def test_a_log_that_went_back_is_said_and_what_it_has_of_its_own_passed_on(
    store: Store, keys: Keys, first: int
) -> None:
    report_of(SyncSession(Pipe(Log(marks(20))), store, Clock(), HOST_ID, keys, kind="test"))
    seen: list[int] = []
    new: list[tuple[int, int]] = []
    own = [protocol.encode(protocol.MARK, seq, 1, 7, (1,)) for seq in range(first, 30)]
    pipe = Pipe(Log([*marks(first), *own]))
    report = report_of(
        SyncSession(
            pipe,
            store,
            Clock(),
            HOST_ID,
            keys,
            kind="test",
            on_device=lambda device: seen.append(device.id),
            on_commit=lambda device, records: new.extend(
                (device.id, protocol.seq_at(raw, 0)) for raw in records
            ),
        )
    )
    assert (report.outcome, report.conflicts) == (COMPLETE, 1)
    (warning,) = report.warnings
    assert "went back to an earlier state" in warning
    assert seen == [1, 2]
    assert report.device is not None
    assert report.device.id == 2
    assert [seq for log, seq in new if log == 2 and seq >= first] == list(range(first, 31))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [((messages.APPLIED, ""), "applied"), ((messages.NOT_VALID, "too\nlarge"), "refused: too\ufffdlarge")],
)
def test_a_change_is_asked_once_and_its_answer_kept(
    store: Store, keys: Keys, answer: tuple[int, str], outcome: str
) -> None:
    ask(store, "a", "5")
    pipe = Owned(Log(marks(3)))
    pipe.answer = answer
    report = report_of(SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test"))
    assert report.outcome == COMPLETE
    assert len(report.warnings) == (outcome != "applied")
    assert all(outcome in warning for warning in report.warnings)
    assert pipe.changed == [b'{"a":5}']
    (change,) = store.changes.of(HARDWARE_ID, waiting=False)
    assert (change.outcome, change.answered_utc_us is not None) == (outcome, True)
    again = Owned(Log(marks(3)))
    report_of(SyncSession(again, store, Clock(), HOST_ID, keys, kind="test"))
    assert again.changed == []


def test_a_change_made_while_a_ring_stays_reaches_it_within_seconds(store: Store, keys: Keys) -> None:
    async def scenario() -> float:
        clock = Clock()
        pipe = Owned(Log(marks(3)), live=True)
        session = SyncSession(pipe, store, clock, HOST_ID, keys, kind="test")
        get = pipe.arrived.get

        async def skipping() -> bytes | None:
            if not pipe.arrived.empty():
                return await get()
            # Nothing is on its way.
            clock.s += 1.0
            raise TimeoutError

        pipe.arrived.get = skipping  # type: ignore[method-assign]
        running = asyncio.create_task(session.run())
        asked_s = 0.0
        looked_s = [0.0]
        while not pipe.changed:
            await asyncio.sleep(0)
            if session._asked_s != looked_s[-1]:
                looked_s.append(session._asked_s)
            if session.report.live and not asked_s and clock.s > 30.0:
                ask(store, "a", "5")
                asked_s = clock.s
            assert not running.done()
            assert clock.s < 60.0, "it is never asked"
        late_s = clock.s - asked_s
        # The database is not asked all the time.
        assert len(looked_s) > 3
        assert all(later - before >= ASK_EVERY_S for before, later in pairwise(looked_s[1:]))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert session.report.outcome == STOPPED
        return late_s

    assert asyncio.run(scenario()) <= ASK_EVERY_S + 2
    assert ASK_EVERY_S == 5.0


def test_raw_samples_are_passed_on_until_there_are_enough(store: Store, keys: Keys) -> None:
    taken: list[int] = []
    asked: list[int] = []

    def take(captured: Captured) -> bool:
        taken.append(captured.head[0])
        return len(taken) < 5

    def capture_from(device: Device) -> Callable[[Captured], bool]:
        asked.append(device.id)
        return take

    pipe = Owned(Log(marks(3)))
    get = pipe.arrived.get

    async def sampling() -> bytes | None:
        await pipe.sample()
        return await get()

    pipe.arrived.get = sampling  # type: ignore[method-assign]
    session = SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test", capture_from=capture_from)
    assert report_of(session).outcome == COMPLETE
    # It is asked again and again, because it may want samples only for a while.
    assert ({*asked}, taken) == ({1}, [1, 2, 3, 4, 5])
    assert pipe.heard == [True, False]


def test_raw_samples_that_nobody_wants_are_not_asked_for(store: Store, keys: Keys) -> None:
    pipe = Owned(Log(marks(3)))
    assert report_of(SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test")).outcome == COMPLETE
    assert pipe.heard == []


def test_a_ring_that_would_stay_is_let_go_by_who_does_not_stay(store: Store, keys: Keys) -> None:
    pipe = Owned(Log(marks(3)), live=True)
    report = report_of(SyncSession(pipe, store, Clock(), HOST_ID, keys, kind="test", stay=False))
    assert (report.outcome, report.live) == (COMPLETE, False)
