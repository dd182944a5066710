"""Bursts that the detector opened: how each was classified, and why, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from twitchwatch.shared.protocol.records import SPASM, TWITCH, UNLIKE, Event

KIND_CLASS = {TWITCH: "twitch", UNLIKE: "unlike", SPASM: "several"}
"""The class of a burst that is reported as an event of this kind."""

WHY = {
    "twitch": "its shape is that of a twitch",
    "unlike": "brief and at rest, but of no known shape",
    "pulse": "it comes back in one direction, beat after beat",
    "several": "longer than a single twitch",
    "tremor": "within a tremor bout",
    "movement": "within a movement",
    "disturbance": "hardly more than noise",
}
WEAK_SWING = "weak, and a swing of the body explains it as well"
SINGLE = "a single wrong reading"
BAD_INPUT = "the samples are stuck, clipped or not at 1 g"
CUT_OFF = "cut off by a gap or the end"
TOO_EARLY = "too few samples before it"
LATER_TREMOR = "a tremor bout turned out to begin with it"
LATER_MOVEMENT = "a movement turned out to begin with it"
UNSEEN = "twitches cannot be seen in this recording"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A burst: onset in samples, what it was taken for (a class of `live_rate`), and why in words.

    sway: how much better a swing of the body fits than a twitch, None if that was not judged. grade: share
    of its energy that the best shape of a twitch explains, as in an event, None likewise.
    """

    sample: int
    duration_ms: int
    peak_ug: int
    noise_ug: int
    axis: int
    taken_for: str
    why: str
    grade: int | None
    sway: float | None


def settled(
    candidates: Iterable[Candidate], later: Iterable[tuple[Event, bool]], visible: bool
) -> tuple[Candidate, ...]:
    """The account after the whole recording is known, in chronological order.

    later: events that turned out to belong to a tremor (False) or a movement (True). visible: whether
    twitches can be seen at all; if not, no burst was judged.
    """
    moved = {event.sample: by_movement for event, by_movement in later if event.kind in KIND_CLASS}
    found = []
    for one in candidates:
        changed = one
        if not visible:
            changed = replace(one, taken_for="disturbance", why=UNSEEN)
        elif one.sample in moved and one.taken_for in KIND_CLASS.values():
            by_movement = moved.pop(one.sample)
            home, why = ("movement", LATER_MOVEMENT) if by_movement else ("tremor", LATER_TREMOR)
            changed = replace(one, taken_for=home, why=why)
        found.append(changed)
    return tuple(sorted(found, key=lambda one: one.sample))
