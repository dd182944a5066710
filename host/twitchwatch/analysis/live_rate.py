"""The rate of twitches as a range, corrected for the time in which none could have been seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# In the order of the detector's counts.
CLASSES = ("twitch", "unlike", "pulse", "several", "tremor", "movement", "disturbance")
# class -> its count in an Epoch of `records`
COUNTED_AS = {name: f"as_{name}" for name in CLASSES}
# Neither the heart, a tremor, a movement nor a disturbance explains these.
_UNEXPLAINED = ("twitch", "unlike", "several")
# Beyond this share of the time in open bursts, most of them hold more than one motion.
MOST_DEAD = 0.5
# With less live time than this share no rate is stated: at a share of 0.37 it is right, at 0.16 to 0.21
# half of the true one (docs/detector.md, Rates), because the noise floor rises with the twitches.
LEAST_LIVE = 0.25
# If `high` is more than this many times `low`, most of what moved is of no known shape, and it is said so.
FAR_ABOVE = 2.0


@dataclass(frozen=True, slots=True)
class Live:
    """The class of each burst, and the seconds in which one could have opened.

    bursts: class -> count; their sum is the number opened. seen_s: at rest, input usable, no tremor; live_s:
    of these, without an open burst and not blind.
    """

    bursts: Mapping[str, int]
    live_s: float
    seen_s: float

    def unseen(self) -> Live:
        """The same for a sensor that cannot show a twitch: no burst can be judged, and no time is live."""
        return Live({name: sum(self.bursts.values()) * (name == "disturbance") for name in CLASSES}, 0.0, 0.0)

    @property
    def too_many(self) -> bool:
        """Bursts fill more than half of the time: their number says little about the number of motions."""
        dead = self.seen_s > 0 and self.live_s < (1 - MOST_DEAD) * self.seen_s
        # Of a recording of seconds, most is the time that the detector needs to start.
        return dead and any(self.bursts.values())

    @property
    def high_per_h(self) -> float | None:
        """Motions an hour, of known shape or not; None with too little live time.

        A burst lasts until its last motion is over, so dead time is paralysable. How long does not matter:
        for motions that come independently of each other, the openings over the time in which one could open
        are their rate (Cox 1962, Renewal Theory: an alternating process whose waits are exponential).
        """
        if self.live_s <= 0 or self.live_s < LEAST_LIVE * self.seen_s:
            return None
        return 3600 * self._unexplained / self.live_s

    @property
    def low_per_h(self) -> float | None:
        """Twitches of known shape an hour, at most `high_per_h`; None if that is.

        The shape is visible only in a burst in which no second motion begins. With paralysable dead time
        their share is exp(-rate x dead time), about the live share of the time; the merged ones are assumed
        to be composed like these.
        """
        high = self.high_per_h
        if high is None:
            return None
        known = 3600 * self.bursts["twitch"] / self.live_s
        return min(high, known * max(1.0, self.seen_s / self.live_s))

    @property
    def known_share(self) -> float:
        """Share of the unexplained bursts that show a known shape."""
        unexplained = self._unexplained
        return self.bursts["twitch"] / unexplained if unexplained else 0.0

    @property
    def _unexplained(self) -> int:
        return sum(self.bursts[name] for name in _UNEXPLAINED)


def live_of(
    counts: Sequence[int], live_s: float, seen_s: float, by_tremor: Sequence[str], by_movement: Sequence[str]
) -> Live:
    """From the detector's counts, in the order of CLASSES.

    live_s: as the detector counts it; it cannot know that a gap was bridged or that a tremor had begun, so
    it is limited to seen_s. by_tremor, by_movement: the detector's classes of bursts that turned out later
    to belong to a tremor or a movement.
    """
    bursts = dict(zip(CLASSES, counts, strict=True))
    for home, counted_as in (("tremor", by_tremor), ("movement", by_movement)):
        for name in counted_as:
            moved = min(1, bursts[name])
            bursts[name] -= moved
            bursts[home] += moved
    return Live(bursts, min(max(0.0, live_s), seen_s), seen_s)
