"""Clock fit: UTC for each time of the sensor's clock, in microseconds since boot.

The sensor knows only its own time. In each session the host sends it UTC, and it logs the pair as an anchor.
The anchors of a boot show how its clock runs (`track`), and every result states its error. Everything here is
UTC; code that prints a time converts it to local time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from twitchwatch.clock.track import MAX_DRIFT, ClockTrack, Point
from twitchwatch.shared.protocol.records import ANCHOR, Anchor, Record

# A second by the fastest of our clocks, in true seconds: the lower bound for a boot without anchors.
_SHORTEST = 1 - MAX_DRIFT


@dataclass(frozen=True, slots=True)
class _Extent:
    first_us: int
    last_us: int


@dataclass(frozen=True, slots=True)
class Room:
    """The bounds of a boot without anchors: after one boot, before another, with similar ones in between.

    after_us, before_us: UTC at the end of the one and the start of the other, their errors included.
    since_us, until_us: minimum durations of the boots in between. last_us: its own last device time.
    """

    after_us: int
    since_us: float
    before_us: int
    until_us: float
    last_us: int

    def utc_us(self, time_us: int) -> tuple[int, int]:
        """The middle of the range, and half of its width as the error."""
        earliest = self.after_us + round(self.since_us + _SHORTEST * time_us)
        left_us = _SHORTEST * max(0, self.last_us - time_us)
        latest = self.before_us - round(self.until_us + left_us)
        return (earliest + latest) // 2, (abs(latest - earliest) + 1) // 2


class ClockFit:
    """Maps (boot_id, device time) of one sensor's log to UTC.

    left_out: anchors that contradict the others and are ignored: the computer's clock was wrong then.
    anchored_boot: the last boot that has any, -1 without.
    """

    def __init__(self, tracks: dict[int, ClockTrack], extents: dict[int, _Extent]) -> None:
        self._tracks = tracks
        self._extents = extents
        self._boots = sorted(extents)
        self._rooms: dict[int, Room | None] = {}
        self.anchored_boot = max(tracks, default=-1)
        self.left_out = sum(track.left_out for track in self._tracks.values())

    @classmethod
    def from_records(cls, records: Iterable[Record]) -> ClockFit:
        """Fit the anchors among `records` (one device's, in any order).

        The other records show how long each boot lasted, which bounds the boots without an anchor.
        """
        anchors = []
        extents: dict[int, tuple[int, int]] = {}
        for record in records:
            first_us, last_us = extents.get(record.boot_id, (record.time_us, record.time_us))
            extents[record.boot_id] = min(first_us, record.time_us), max(last_us, record.time_us)
            if record.type == ANCHOR:
                anchors.append(record)
        return cls.from_anchors(anchors, extents)

    @classmethod
    def from_anchors(cls, anchors: Iterable[Record], extents: Mapping[int, tuple[int, int]]) -> ClockFit:
        """Fit these anchors; extents: the first and the last device time of each boot."""
        points: dict[int, dict[int, Point]] = {}
        for record in anchors:
            if isinstance(record.body, Anchor):
                point = Point(record.time_us, record.body.utc_us, record.body.uncertainty_us)
                known = points.setdefault(record.boot_id, {})
                if point.time_us not in known or known[point.time_us].error_us > point.error_us:
                    known[point.time_us] = point
        tracks = {boot: ClockTrack([known[t] for t in sorted(known)]) for boot, known in points.items()}
        return cls(tracks, {boot: _Extent(*extent) for boot, extent in extents.items()})

    def utc_us(self, boot_id: int, time_us: int) -> tuple[int, int] | None:
        """UTC and the bound on its error, both in microseconds; None if nothing is known.

        A boot without anchors is between its neighbours: the result is their middle, and the error half the
        distance.
        """
        track = self._tracks.get(boot_id)
        if track is not None:
            return track.utc_us(time_us)
        room = self._room(boot_id)
        return None if room is None else room.utc_us(time_us)

    def kept(self, spans: Mapping[int, tuple[int, int]]) -> dict[str, list[Any]]:
        """A form for JSON that gives the same times from the first to the last device time of each boot."""
        kept: dict[str, list[Any]] = {}
        for boot, (first_us, last_us) in spans.items():
            track = self._tracks.get(boot)
            if track is not None:
                kept[str(boot)] = ["track", *track.kept(first_us, last_us)]
            elif (room := self._room(boot)) is not None:
                kept[str(boot)] = ["room", *astuple(room)]
        return kept

    def _room(self, boot_id: int) -> Room | None:
        if boot_id not in self._rooms:
            self._rooms[boot_id] = self._room_between_boots(boot_id)
        return self._rooms[boot_id]

    def _room_between_boots(self, boot_id: int) -> Room | None:
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
        return Room(
            previous[0] - previous[1],
            after_previous,
            following[0] + following[1],
            before_next,
            extent.last_us,
        )


class KeptClock:
    """The times of a fit, restored from its kept form."""

    def __init__(self, kept: Mapping[str, Sequence[Any]]) -> None:
        self._dating: dict[int, ClockTrack | Room] = {
            int(boot): ClockTrack.from_kept(values) if how == "track" else Room(*values)
            for boot, (how, *values) in kept.items()
        }

    def utc_us(self, boot_id: int, time_us: int) -> tuple[int, int] | None:
        """UTC and the bound on its error, like `ClockFit.utc_us`."""
        dating = self._dating.get(boot_id)
        return None if dating is None else dating.utc_us(time_us)
