"""The link in virtual time: whatever befalls wire, device or host, nothing is lost or comes twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.protocol.chance import Chance, Planned
from tests.protocol.ends import BrokenRuleError
from tests.protocol.noisy_nights import digest, noisy_night
from tests.protocol.wire import World
from twitchwatch.shared.protocol import host_states as states
from twitchwatch.shared.protocol import records, sync

ROOT = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")
SEEDS = 250

SMALL_WORLDS: dict[str, Callable[[Planned], World]] = {
    "forty records": lambda faults: World(faults),
    "small pieces": lambda faults: World(faults, backlog=20, piece_bytes=100),
    "full log": lambda faults: World(
        faults, backlog=30, capacity=25, later=[1000.05, 1000.1, 1000.15, 1000.2]
    ),
    "damaged flash": lambda faults: World(faults, spoiled=(0, 17, 39), boots_apart=4),
    "logged meanwhile": lambda faults: World(faults, backlog=12, later=[1000.06 + i / 40 for i in range(6)]),
}


@pytest.mark.parametrize("name", SMALL_WORLDS)
def test_every_single_cut(name: str) -> None:
    make = SMALL_WORLDS[name]
    calm = make(Planned({}))
    calm.rendezvous()
    for step, fault in calm.cuts():
        try:
            make(Planned({step: fault})).finish()
        except BrokenRuleError as broken:
            pytest.fail(f"{fault} at step {step}: {broken}")


def test_two_cuts_in_one_night() -> None:
    chance = Chance(7)
    calm = World()
    calm.rendezvous()
    for first_step, first in calm.cuts():
        once = World(Planned({first_step: first}))
        once.rendezvous()
        once.rendezvous()
        second_cuts = [cut for cut in once.cuts() if cut[0] > first_step]
        for _ in range(6):
            second_step, second = second_cuts[chance.below(len(second_cuts))]
            try:
                World(Planned({first_step: first, second_step: second})).finish()
            except BrokenRuleError as broken:
                pytest.fail(f"{first} at step {first_step}, {second} at {second_step}: {broken}")


def test_noisy_nights_end_alike_on_the_device_s_interpreter() -> None:
    script = Path(__file__).with_name("noisy_nights.py")
    here = "".join(f"{seed} {digest(seed)}\n" for seed in range(SEEDS))
    there = subprocess.run(
        [MICROPYTHON, "-X", "heapsize=8m", script, ROOT, "0", str(SEEDS)], capture_output=True, text=True
    )
    assert there.stderr == ""
    assert there.stdout == here


def test_a_hopeless_wire_costs_time_but_never_a_record() -> None:
    ends = [end for seed in range(SEEDS) for end in noisy_night(seed).ends]
    # The noise is not all talk: it did end sessions.
    assert ends.count(states.FAILED) > 50
    assert ends.count(states.DONE) > 500


@pytest.mark.parametrize("piece_every_s", [0.05, 0.1, 0.5, 0.9])
def test_a_link_too_slow_for_a_frame_in_the_time_of_a_try(piece_every_s: float) -> None:
    world = World(piece_bytes=20)
    world.piece_every_s = piece_every_s
    assert world.rendezvous() == states.DONE
    assert set(range(40)).issubset(world.database.kept)


def test_damaged_records_are_counted_and_the_rest_arrives() -> None:
    world = World(spoiled=(0, 17, 39)).finish()
    assert set(range(40)).difference(world.database.kept) == {0, 17, 39}
    assert world.database.damaged == 3


def test_a_full_log_tells_what_it_dropped() -> None:
    world = World(backlog=60, capacity=25).finish()
    gaps = [records.decode(raw).body for raw in world.database.kept.values() if raw[0] == records.GAP]
    assert {gap.cause for gap in gaps} == {records.FLASH_FULL}
    assert sum(gap.count for gap in gaps) >= len(world.log.dropped.difference(world.database.kept)) > 0


def test_everything_committed_is_trimmed_after_a_quiet_meeting() -> None:
    world = World()
    world.rendezvous()
    assert world.log.first_seq == world.database.next_seq >= 40


def test_two_hosts_both_get_everything() -> None:
    world = World(hosts=2, later=[1000.2, 1002.0]).finish()
    for host_id in world.host_ids:
        assert set(range(42)).issubset(world.databases[host_id].kept)
    assert world.log.first_seq >= 42


def test_a_host_that_stays_away_holds_half_of_the_log_at_most() -> None:
    world = World(hosts=2, backlog=30, capacity=50)
    world.rendezvous()
    # The other one has nothing yet, and half of the log is taken: it is let go.
    assert world.log.first_seq > 0
    assert world.waited_for() == [world.host_id]
    while world.host_id == world.host_ids[0]:
        world.rendezvous()
    # When it comes all the same it gets what is there, and counts again.
    assert world.waited_for() == world.host_ids
    world.finish()


def test_a_host_that_is_near_holds_what_it_lacks() -> None:
    world = World(hosts=2, backlog=20, capacity=100)
    world.rendezvous()
    assert world.log.first_seq == 0
    world.rendezvous()
    assert world.log.first_seq >= 20


def test_settings_are_asked_for_one_after_the_other() -> None:
    world = World(changes=[b"a=1", b"b=2", b"a=3"]).finish()
    assert world.settings == {"a": "3", "b": "2"}


def test_seq_reaches_its_last_numbers() -> None:
    world = World(backlog=0)
    world.log.first_seq = world.log.next_seq = world.database.next_seq = 2**32 - 30
    for i in range(20):
        world.log.append(records.MARK, (i,), b"", 10.0)
    assert world.rendezvous() == states.DONE
    assert set(range(2**32 - 30, 2**32 - 10)).issubset(world.database.kept)


class TestLive:
    LATER = tuple(1003 + 7.3 * i for i in range(60))

    def run(self, faults: Planned) -> World:
        world = World(faults, backlog=5, later=self.LATER)
        world.live(600)
        return world

    def test_a_record_is_on_disk_within_a_second(self) -> None:
        # Anchors are records too: count only what `later` logged, in its order.
        world = self.run(Planned({}))
        delays = []
        kept = world.database.kept
        own = [seq for seq in sorted(kept) if seq >= 5 and kept[seq][0] != records.ANCHOR]
        for seq, logged in zip(own, self.LATER, strict=False):
            delays.append(world.database.kept_at_s[seq] - logged)
        assert len(delays) == 60
        assert max(delays) < 1.0

    def test_lost_last_words_are_asked_for(self) -> None:
        calm = self.run(Planned({}))
        steps = [step for step, _ in calm.faults.cuts]
        worst = 0.0
        for first in steps[10:60]:
            world = World(Planned({first: "drop", first + 1: "drop"}), backlog=5, later=[1003.0])
            world.live(40)
            missing = [seq for seq in world.log.truth if seq not in world.database.kept]
            assert missing == []
            worst = max(worst, *world.database.kept_at_s.values())
        # The heartbeat finds them, with a try or two.
        assert worst < 1003 + sync.HEARTBEAT_S + 3 * sync.RETRY_S
