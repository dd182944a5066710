"""Clock fit: what UTC it was when the sensor's clock showed so many microseconds since boot.

The sensor knows only its own time. At each meeting the host tells it UTC, and it logs the pair as an anchor;
from a boot's anchors its clock is followed piecewise linearly, and every answer states its error.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.protocol.records import ANCHOR, Anchor, Record

# Light sleep runs on the ESP32's RC oscillator, measured up to 12 s an hour off.
MAX_DRIFT = 12 / 3600
# Beyond this no oscillator is at fault: the computer's own clock was set between the two anchors.
STEP_DRIFT = 0.02
# Anchors this far apart tell the rate of the clock; the rate of closer ones is mostly their uncertainty.
RATE_SPAN_US = 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class _Point:
    time_us: int
    utc_us: int
    error_us: int


@dataclass(frozen=True, slots=True)
class _Extent:
    first_us: int
    last_us: int


class ClockFit:
    """Maps (boot_id, device time) of one sensor's log to UTC."""

    def __init__(self, anchors: dict[int, list[_Point]], extents: dict[int, _Extent]) -> None:
        self._anchors = anchors
        self._extents = extents
        self._boots = sorted(extents)

    @classmethod
    def from_records(cls, records: Iterable[Record]) -> ClockFit:
        """Fit the anchors among `records` (one device's, in any order).

        The others tell how long each boot lasted, which bounds the boots that have no anchor.
        """
        points: dict[int, dict[int, _Point]] = {}
        extents: dict[int, _Extent] = {}
        for record in records:
            boot, time_us = record.boot_id, record.time_us
            extent = extents.get(boot)
            if extent is None:
                extents[boot] = _Extent(time_us, time_us)
            elif time_us < extent.first_us or time_us > extent.last_us:
                extents[boot] = _Extent(min(extent.first_us, time_us), max(extent.last_us, time_us))
            if record.type == ANCHOR and isinstance(record.body, Anchor):
                point = _Point(time_us, record.body.utc_us, record.body.uncertainty_us)
                known = points.setdefault(boot, {})
                if time_us not in known or known[time_us].error_us > point.error_us:
                    known[time_us] = point
        return cls({boot: [known[t] for t in sorted(known)] for boot, known in points.items()}, extents)

    def utc_us(self, boot_id: int, time_us: int) -> tuple[int, int] | None:
        """UTC and the most it may be wrong by, both in microseconds; None where nothing tells.

        Between anchors: linear; the error grows with the distance to the nearer one. Beyond them: at the
        rate of the neighbours. A boot without anchors lies between its neighbours: their middle is given,
        with half the room between them as the error.
        """
        anchors = self._anchors.get(boot_id)
        if not anchors:
            return self._between_boots(boot_id, time_us)
        at = bisect_right(anchors, time_us, key=lambda point: point.time_us)
        if at == 0:
            return _beyond(anchors[0], anchors, time_us)
        if at == len(anchors):
            return _beyond(anchors[-1], anchors[::-1], time_us)
        return _between(anchors[at - 1], anchors[at], time_us)

    def _between_boots(self, boot_id: int, time_us: int) -> tuple[int, int] | None:
        extent = self._extents.get(boot_id)
        if extent is None:
            return None
        after_previous = before_next = 0
        previous = following = None
        at = self._boots.index(boot_id)
        for boot in reversed(self._boots[:at]):
            if boot in self._anchors:
                previous = self.utc_us(boot, self._extents[boot].last_us)
                break
            after_previous += self._extents[boot].last_us
        for boot in self._boots[at + 1 :]:
            if boot in self._anchors:
                following = self.utc_us(boot, 0)
                break
            before_next += self._extents[boot].last_us
        if previous is None or following is None:
            return None
        earliest = previous[0] - previous[1] + after_previous + time_us
        latest = following[0] + following[1] - before_next - max(0, extent.last_us - time_us)
        return (earliest + latest) // 2, (abs(latest - earliest) + 1) // 2


def _between(left: _Point, right: _Point, time_us: int) -> tuple[int, int]:
    span = right.time_us - left.time_us
    told = right.utc_us - left.utc_us
    near = min(time_us - left.time_us, right.time_us - time_us)
    if abs(told - span) > STEP_DRIFT * span + left.error_us + right.error_us:
        nearest = left if near == time_us - left.time_us else right
        error = nearest.error_us + round(near * MAX_DRIFT) + abs(told - span)
        return nearest.utc_us + time_us - nearest.time_us, error
    along = (time_us - left.time_us) / span
    utc = left.utc_us + round(told * along)
    error = round(left.error_us + (right.error_us - left.error_us) * along + near * MAX_DRIFT)
    return utc, error


def _beyond(end: _Point, inward: Sequence[_Point], time_us: int) -> tuple[int, int]:
    """Extrapolate from `end`, whose neighbours follow in `inward` (which begins with `end` itself)."""
    rate = 1.0
    for other in inward[1:]:
        span = abs(other.time_us - end.time_us)
        rate_error = (other.error_us + end.error_us) / span
        found = (other.utc_us - end.utc_us) / (other.time_us - end.time_us)
        if abs(found - 1) > STEP_DRIFT + rate_error:
            break
        if rate_error < MAX_DRIFT:
            rate = found
        if span >= RATE_SPAN_US:
            break
    away = time_us - end.time_us
    # A rate well known over the last hour may still change with temperature, as far again as it may be off.
    return end.utc_us + round(away * rate), end.error_us + round(abs(away) * MAX_DRIFT)
