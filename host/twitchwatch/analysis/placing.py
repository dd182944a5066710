"""Placing: which records of a log belong to which night, as ranges of their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from twitchwatch.analysis.nights import LATEST_US, Clock
from twitchwatch.clock.calendar import Calendar, Cut
from twitchwatch.shared.protocol import records as protocol

# They belong to a night established by other records, or to none.
MAKE_NO_NIGHT = frozenset(
    (protocol.BOOT, protocol.SNIPPET, protocol.STATUS, protocol.SETTINGS, protocol.ANCHOR, protocol.CRASH)
)


@dataclass(frozen=True, slots=True)
class Head:
    """A record's place in time. makes_night: whether this record alone makes a night."""

    seq: int
    boot_id: int
    time_us: int
    makes_night: bool


@dataclass(slots=True)
class Placed:
    """runs: for each night, the range of seqs [first, past the last) of its records.

    undated: how many records have no time. waiting: how many of these may get one from later anchors, because
    no later start of the sensor has any; waiting_from_seq: the first of them.
    """

    runs: dict[Cut, tuple[int, int]] = field(default_factory=dict)
    undated: int = 0
    waiting: int = 0
    waiting_from_seq: int | None = None


def makes_night(kind: int, version: int) -> bool:
    """Whether a record of this type and version makes a night; an unreadable one does."""
    return kind not in MAKE_NO_NIGHT or version > protocol.SCHEMAS[kind][1]


def place(heads: Iterable[Head], utc: Clock, calendar: Calendar, anchored_boot: int) -> Placed:
    """Put the records of one log, in any order, into their nights; anchored_boot: the last with an anchor."""
    placed = Placed()
    cut: Cut | None = None
    for head in heads:
        if not head.makes_night:
            continue
        dated = utc(head.boot_id, head.time_us)
        if dated is None or not 0 <= dated[0] < LATEST_US:
            placed.undated += 1
            if head.boot_id > anchored_boot:
                placed.waiting += 1
                if placed.waiting_from_seq is None or head.seq < placed.waiting_from_seq:
                    placed.waiting_from_seq = head.seq
            continue
        if cut is None or not cut.start_us <= dated[0] < cut.end_us:
            cut = calendar.cut_at(dated[0])
        first, past = placed.runs.get(cut, (head.seq, head.seq))
        placed.runs[cut] = min(first, head.seq), max(past, head.seq + 1)
    return placed
