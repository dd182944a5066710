"""Clock fit: what UTC it was when the sensor's clock showed so many microseconds since boot.

The sensor knows only its own time. In each session the host sends it UTC, and it logs the pair as an anchor.
The anchors of a boot show how its clock runs (`track`), and every result states its error. Everything here is
UTC; code that prints a time converts it to local time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from shared.protocol.records import ANCHOR, Anchor, Record
from twitchwatch.clock.track import MAX_DRIFT, ClockTrack, Point

# A second by the fastest of our clocks, in true seconds: the lower bound for a boot without anchors.
_SHORTEST = 1 - MAX_DRIFT


@dataclass(frozen=True, slots=True)
class _Extent:
    first_us: int
    last_us: int


class ClockFit:
    """Maps (boot_id, device time) of one sensor's log to UTC.

    left_out: anchors that contradict the others and are ignored: the computer's clock was wrong then.
    """

    def __init__(self, anchors: dict[int, list[Point]], extents: dict[int, _Extent]) -> None:
        self._tracks = {boot: ClockTrack(points) for boot, points in anchors.items()}
        self._extents = extents
        self._boots = sorted(extents)
        self.left_out = sum(track.left_out for track in self._tracks.values())

    @classmethod
    def from_records(cls, records: Iterable[Record]) -> ClockFit:
        """Fit the anchors among `records` (one device's, in any order).

        The other records show how long each boot lasted, which bounds the boots without an anchor.
        """
        points: dict[int, dict[int, Point]] = {}
        extents: dict[int, _Extent] = {}
        for record in records:
            boot, time_us = record.boot_id, record.time_us
            extent = extents.get(boot)
            if extent is None:
                extents[boot] = _Extent(time_us, time_us)
            elif time_us < extent.first_us or time_us > extent.last_us:
                extents[boot] = _Extent(min(extent.first_us, time_us), max(extent.last_us, time_us))
            if record.type == ANCHOR and isinstance(record.body, Anchor):
                point = Point(time_us, record.body.utc_us, record.body.uncertainty_us)
                known = points.setdefault(boot, {})
                if time_us not in known or known[time_us].error_us > point.error_us:
                    known[time_us] = point
        return cls({boot: [known[t] for t in sorted(known)] for boot, known in points.items()}, extents)

    def utc_us(self, boot_id: int, time_us: int) -> tuple[int, int] | None:
        """UTC and the bound on its error, both in microseconds; None if nothing is known.

        A boot without anchors lies between its neighbours: their middle is given, with half the room between
        them as the error.
        """
        track = self._tracks.get(boot_id)
        return self._between_boots(boot_id, time_us) if track is None else track.utc_us(time_us)

    def _between_boots(self, boot_id: int, time_us: int) -> tuple[int, int] | None:
        extent = self._extents.get(boot_id)
        if extent is None:
            return None
        after_previous = before_next = 0.0
        previous = following = None
        at = bisect_left(self._boots, boot_id)
        for boot in reversed(self._boots[:at]):
            if boot in self._tracks:
                previous = self.utc_us(boot, self._extents[boot].last_us)
                break
            after_previous += _SHORTEST * self._extents[boot].last_us
        for boot in self._boots[at + 1 :]:
            if boot in self._tracks:
                following = self.utc_us(boot, 0)
                break
            before_next += _SHORTEST * self._extents[boot].last_us
        if previous is None or following is None:
            return None
        earliest = previous[0] - previous[1] + round(after_previous + _SHORTEST * time_us)
        left_us = _SHORTEST * max(0, extent.last_us - time_us)
        latest = following[0] + following[1] - round(before_next + left_us)
        return (earliest + latest) // 2, (abs(latest - earliest) + 1) // 2
