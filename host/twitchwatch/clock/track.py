"""One boot's clock compared with UTC: a Kalman smoother over its anchors, without contradicting ones.

The state is the offset of UTC from the sensor's clock and the clock's rate error; the rate wanders as a
random walk (an integrated Wiener process; Rauch, Tung and Striebel 1965 for the smoother, Wahba 1978 for what
it is: a smoothing spline). How much it wanders is estimated from the anchors, by their likelihood. Seconds
here, relative to the boot's first anchor: microseconds of UTC would not fit a float's digits when squared.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from itertools import pairwise
from math import log, sqrt
from typing import Any

# Light sleep runs on the ESP32's RC oscillator, measured up to 12 s an hour off; none of our clocks is worse.
MAX_DRIFT = 12 / 3600
# Standard deviations in a stated error: 0.05 % of a normal distribution are beyond 3.5.
SIGMAS = 3.5
# Standard deviations at which an anchor contradicts the others: the computer's clock was set.
GATE_SIGMAS = 6.0
# Spectral density of the rate's wandering, 1/s. A crystal stays within about 1 ppm over a quarter of an hour
# (1e-15); the RC oscillator on a hand that warms up wanders some hundred ppm in ten minutes (2e-10).
DENSITIES = (1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 2e-11, 5e-11, 1e-10, 2e-10, 5e-10, 1e-9)
RC_DENSITY = 2e-10
# Fewer anchors do not show how a clock wanders; it is then assumed to be an RC oscillator in light sleep.
TELLING_ANCHORS = 8
# The wandering is estimated from this many of the newest anchors: three days, one every ten minutes.
ASKED_ANCHORS = 432
# Difference of log likelihoods that three standard deviations make (Wilks 1938).
NOT_REFUTED = 4.5
# Anchors on either side that share in the bias of one.
BIAS_ANCHORS = 2
# A round trip through two operating systems is not known better than this, whatever an anchor states (s).
MIN_UNCERTAINTY_S = 0.0005


@dataclass(frozen=True, slots=True)
class Point:
    """An anchor: device time, UTC, and the bound on the error of the latter, all in microseconds."""

    time_us: int
    utc_us: int
    error_us: int


@dataclass(slots=True)
class _State:
    """Offset (s), rate error, and their covariance, at one time."""

    offset: float
    rate: float
    oo: float
    orr: float
    rr: float

    def after(self, span_s: float, density: float) -> _State:
        """Predicted `span_s` later."""
        cubed = density * span_s**3 / 3
        return _State(
            self.offset + self.rate * span_s,
            self.rate,
            self.oo + 2 * span_s * self.orr + span_s**2 * self.rr + cubed,
            self.orr + span_s * self.rr + density * span_s**2 / 2,
            self.rr + density * span_s,
        )

    def reported(self, offset: float, variance: float) -> _State:
        """Corrected by a measured offset."""
        total = self.oo + variance
        gain_o, gain_r = self.oo / total, self.orr / total
        off = offset - self.offset
        return _State(
            self.offset + gain_o * off,
            self.rate + gain_r * off,
            self.oo * variance / total,
            self.orr * variance / total,
            max(0.0, self.rr - gain_r * self.orr),
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    at_s: float
    offset_s: float
    error_s: float

    @property
    def variance(self) -> float:
        # Half of the round trip bounds the error; the two ways share it unevenly, seldom wholly.
        return (self.error_s / 2) ** 2


def _begin(seen: _Seen) -> _State:
    return _State(seen.offset_s, 0.0, seen.variance, 0.0, (MAX_DRIFT / SIGMAS) ** 2)


def _trusted(seen: Sequence[_Seen]) -> list[_Seen]:
    """The anchors that agree with each other, without those made while the computer's clock was wrong.

    Each anchor joins the newest track that can have led to it, or starts a new one. A clock that was set
    for a while and set back leaves a track of its own in between. The track with the most anchors is used,
    or the later of two: a computer without its own clock starts with a wrong time and is then corrected.
    """
    tracks: list[tuple[_State, list[_Seen]]] = []
    for one in seen:
        for place in range(len(tracks) - 1, -1, -1):
            state, members = tracks[place]
            predicted = state.after(one.at_s - members[-1].at_s, RC_DENSITY)
            reach = GATE_SIGMAS * sqrt(predicted.oo + one.variance) + one.error_s
            if abs(one.offset_s - predicted.offset) <= reach:
                members.append(one)
                tracks.append((predicted.reported(one.offset_s, one.variance), members))
                del tracks[place]
                break
        else:
            tracks.append((_begin(one), [one]))
    return max(tracks, key=lambda track: (len(track[1]), track[1][-1].at_s))[1]


def _filtered(seen: Sequence[_Seen], density: float) -> tuple[list[_State], float]:
    """The filter's states, and the log likelihood of the anchors."""
    states = [_begin(seen[0])]
    likelihood = 0.0
    for before, one in pairwise(seen):
        predicted = states[-1].after(one.at_s - before.at_s, density)
        total = predicted.oo + one.variance
        likelihood -= (log(total) + (one.offset_s - predicted.offset) ** 2 / total) / 2
        states.append(predicted.reported(one.offset_s, one.variance))
    return states, likelihood


def _density(seen: Sequence[_Seen]) -> float:
    if len(seen) < TELLING_ANCHORS:
        return RC_DENSITY
    asked = seen[-ASKED_ANCHORS:]
    likelihoods = [_filtered(asked, density)[1] for density in DENSITIES]
    most = max(likelihoods)
    # Anything that the anchors do not refute may be true; the most restless of it is the safe choice.
    last = max(i for i, one in enumerate(likelihoods) if one > most - NOT_REFUTED)
    return DENSITIES[last]


def _smooth(seen: Sequence[_Seen], density: float) -> list[_State]:
    states, _ = _filtered(seen, density)
    for i in range(len(states) - 2, -1, -1):
        here, there = states[i], states[i + 1]
        span_s = seen[i + 1].at_s - seen[i].at_s
        predicted = here.after(span_s, density)
        # Gain C = P F' inv(P predicted), written out.
        po, pr = here.oo + span_s * here.orr, here.orr
        ro, rr = here.orr + span_s * here.rr, here.rr
        determinant = predicted.oo * predicted.rr - predicted.orr**2
        c00 = (po * predicted.rr - pr * predicted.orr) / determinant
        c01 = (pr * predicted.oo - po * predicted.orr) / determinant
        c10 = (ro * predicted.rr - rr * predicted.orr) / determinant
        c11 = (rr * predicted.oo - ro * predicted.orr) / determinant
        off, turn = there.offset - predicted.offset, there.rate - predicted.rate
        doo, dor, drr = there.oo - predicted.oo, there.orr - predicted.orr, there.rr - predicted.rr
        states[i] = _State(
            here.offset + c00 * off + c01 * turn,
            here.rate + c10 * off + c11 * turn,
            max(0.0, here.oo + c00 * c00 * doo + 2 * c00 * c01 * dor + c01 * c01 * drr),
            here.orr + c00 * c10 * doo + (c00 * c11 + c01 * c10) * dor + c01 * c11 * drr,
            max(0.0, here.rr + c10 * c10 * doo + 2 * c10 * c11 * dor + c11 * c11 * drr),
        )
    return states


class ClockTrack:
    """UTC at any device time of one boot.

    points: its anchors (at least one) by rising device time. left_out: how many of them were ignored.
    """

    def __init__(self, points: Sequence[Point]) -> None:
        first = points[0]
        self._zero_us, self._utc_zero_us = first.time_us, first.utc_us
        seen = [
            _Seen(
                (point.time_us - first.time_us) / 1e6,
                (point.utc_us - first.utc_us - (point.time_us - first.time_us)) / 1e6,
                max(point.error_us / 1e6, MIN_UNCERTAINTY_S),
            )
            for point in points
        ]
        self._seen = _trusted(seen)
        self.left_out = len(seen) - len(self._seen)
        self._density = _density(self._seen)
        self._states = _smooth(self._seen, self._density)
        self._times = [one.at_s for one in self._seen]

    def kept(self, first_us: int, last_us: int) -> list[Any]:
        """A form for JSON with the same times from first_us to last_us (device time): see `from_kept`."""
        first_s, last_s = ((at_us - self._zero_us) / 1e6 for at_us in (first_us, last_us))
        # The anchors around, and those by which their bias is known.
        begin = max(0, bisect_right(self._times, first_s) - 1 - BIAS_ANCHORS)
        end = bisect_right(self._times, last_s) + 1 + BIAS_ANCHORS
        knots = [
            [*astuple(one), *astuple(state)]
            for one, state in zip(self._seen[begin:end], self._states[begin:end], strict=True)
        ]
        return [self._zero_us, self._utc_zero_us, self._density, knots]

    @classmethod
    def from_kept(cls, kept: Sequence[Any]) -> ClockTrack:
        """A part of a track, valid only within the times for which it was kept."""
        track = cls.__new__(cls)
        track._zero_us, track._utc_zero_us, track._density, knots = kept
        track._seen = [_Seen(*knot[:3]) for knot in knots]
        track._states = [_State(*knot[3:]) for knot in knots]
        track._times = [one.at_s for one in track._seen]
        track.left_out = 0
        return track

    def utc_us(self, time_us: int) -> tuple[int, int]:
        """UTC and the bound on its error, in microseconds.

        Between two anchors the smoother's mean is the cubic through both states; beyond the outer ones it
        continues at their rate.
        """
        at_s = (time_us - self._zero_us) / 1e6
        place = bisect_right(self._times, at_s)
        if place == 0 or place == len(self._times):
            offset, error_s = self._beyond(min(place, len(self._times) - 1), at_s)
        else:
            offset, error_s = self._between(place - 1, at_s)
        return time_us + round(offset * 1e6) + self._utc_zero_us - self._zero_us, round(error_s * 1e6)

    def _beyond(self, place: int, at_s: float) -> tuple[float, float]:
        state, away_s = self._states[place], at_s - self._times[place]
        offset = state.offset + state.rate * away_s
        distance_s = abs(away_s)
        variance = state.oo + distance_s**2 * state.rr + self._density * distance_s**3 / 3
        # However it wanders, its rate stays within that of the worst clock.
        most = SIGMAS * sqrt(state.oo) + distance_s * (MAX_DRIFT + min(abs(state.rate), MAX_DRIFT))
        return offset, min(SIGMAS * (sqrt(variance)), most) + self._bias_s(place)

    def _between(self, place: int, at_s: float) -> tuple[float, float]:
        left, right = self._states[place], self._states[place + 1]
        span_s = self._times[place + 1] - self._times[place]
        u = (at_s - self._times[place]) / span_s
        from_left, from_right = 1 - u * u * (3 - 2 * u), u * u * (3 - 2 * u)
        rate_left, rate_right = u * (1 - u) ** 2 * span_s, u * u * (1 - u) * span_s
        offset = (
            from_left * left.offset
            + from_right * right.offset
            + rate_left * left.rate
            - rate_right * right.rate
        )
        # Ends together err by no more than one after the other; between them the rate may have wandered.
        ends = sqrt(
            from_left**2 * left.oo + 2 * from_left * rate_left * left.orr + rate_left**2 * left.rr
        ) + sqrt(
            from_right**2 * right.oo - 2 * from_right * rate_right * right.orr + rate_right**2 * right.rr
        )
        bridge = self._density * (span_s * u * (1 - u)) ** 3 / 3
        error_s = SIGMAS * sqrt(ends**2 + bridge)
        return offset, error_s + from_left * self._bias_s(place) + from_right * self._bias_s(place + 1)

    def _bias_s(self, place: int) -> float:
        # Half of a round trip may lie on one way each time, and then does not average out.
        near = self._seen[max(0, place - BIAS_ANCHORS) : place + BIAS_ANCHORS + 1]
        return min(one.error_s for one in near)
