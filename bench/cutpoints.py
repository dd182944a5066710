"""Cut the link at every point, and at every pair of points, in virtual time.

Usage: python bench/cutpoints.py [--most N] [--every N] [--write]

A cut point is a fault at a step: a piece on the wire lost, doubled, late, garbled or cut short; a disconnect,
a reboot or a kill at a piece, before a commit, or between it and its acknowledgement. Each run continues to a
last session on an undisturbed wire, and the invariants are checked throughout. Everything is proved and
encrypted, as at night. Exit 1 if anything did not hold.
"""

import argparse
import sys
import time
from collections import Counter
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "host"))

from bench.page import insert
from tests.protocol.chance import FAULTS, Planned
from tests.protocol.ends import BrokenRuleError
from tests.protocol.wire import World

BACKLOG = 40
PIECE_BYTES = 140


def alone(faults):
    return World(Planned(faults), backlog=BACKLOG, piece_bytes=PIECE_BYTES, later=[1000.05, 1000.1])


def in_turn(faults):
    return World(
        Planned(faults), backlog=12, piece_bytes=PIECE_BYTES, later=[1000.05], hosts=2, changes=[b"a=1"]
    )


WORLDS = {"one host": alone, "two hosts in turn, and a setting": in_turn}


def plans(make):
    """No cut, every single cut, every ordered pair; the second may fall into a later connection."""
    calm = make({})
    for _ in calm.host_ids:
        calm.rendezvous()
    for step, fault in calm.cuts():
        yield {step: fault}
        once = make({step: fault})
        done = 0
        while done < len(once.host_ids):
            done += once.rendezvous() == "done"
        for later_step, later in once.cuts():
            if later_step > step:
                yield {step: fault, later_step: later}


def main():
    parser = argparse.ArgumentParser(description="Cut the link at every point and every pair of points.")
    parser.add_argument("--most", type=int, default=0, help="stop after this many of each world (0: all)")
    parser.add_argument("--every", type=int, default=1, help="only every n-th, spread over all")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    parser.add_argument("--world", choices=WORLDS, action="append", help="only this one")
    asked = parser.parse_args()
    most = asked.most
    points, pairs, worst_s, sync_sessions, broken = Counter(), Counter(), Counter(), Counter(), Counter()
    began = time.perf_counter()
    done = 0
    by_world = Counter()
    for name in asked.world or WORLDS:
        make = WORLDS[name]
        # Spread over all of them, if not all are wanted.
        for plan in islice(plans(make), 0, None, asked.every):
            fault = plan[min(plan)]
            (pairs if len(plan) == 2 else points)[fault] += 1
            try:
                ended = make(plan).finish()
                worst_s[fault] = max(worst_s[fault], ended.now - 1000.0)
                sync_sessions[fault] = max(sync_sessions[fault], ended.connections)
            except BrokenRuleError as error:
                broken[fault] += 1
                print(f"BROKEN, {name}, {plan}: {error}")
            done += 1
            by_world[name] += 1
            if done % 1000 == 0:
                print(f"\r{done} cut points", end="", file=sys.stderr)
            if by_world[name] == most:
                break
    took_s = time.perf_counter() - began
    lines = [
        "| first fault | alone | with a second | failed | sessions, maximum | longest, virtual s |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for fault in FAULTS:
        row = f"| {fault} | {points[fault]:,} | {pairs[fault]:,} | {broken[fault]} |"
        lines.append(f"{row} {sync_sessions[fault]} | {worst_s[fault]:.0f} |")
    worlds = "; ".join(f"{name}: {count:,}" for name, count in by_world.items())
    lines.append(
        f"\n{done:,} cut points in {took_s:.0f} s ({worlds}): lost, stored twice, wrong, acknowledged before"
        f" committed, endless: {broken.total()}"
    )
    print("\n".join(lines))
    if asked.write:
        insert("cut points", "\n".join(lines))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
