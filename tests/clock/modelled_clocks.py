"""Modelled nights of a sensor's clock: what it shows, what UTC is, and the anchors that a host would get.

The oscillators follow published figures: a crystal is within 20 ppm and wanders by a few with temperature
(ESP32 hardware design guidelines); the 150 kHz RC oscillator that keeps time in light sleep was measured up
to 12 s an hour off, and is modelled to wander by 600 ppm with a time constant of an hour (an
Ornstein-Uhlenbeck process: a hand under a blanket warms up). A ping waits for a connection event each way
(30 ms apart, as BlueZ asks for) and one in twenty is repeated on air for up to 300 ms on one of its ways.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, sqrt
from random import Random

STEP_S = 60.0
START_UTC_S = 1_760_000_000.0
CONNECTION_INTERVAL_S = 0.030
# (greatest constant rate error, standard deviation and time constant (s) of what wanders)
CRYSTAL = (20e-6, 2e-6, 3600.0)
RC = (12 / 3600, 600e-6, 3600.0)


@dataclass
class Clock:
    """One boot: device time and true UTC, both in seconds, at every minute; straight in between."""

    device_s: list[float]
    utc_s: list[float]

    def device_at(self, utc_s: float) -> float:
        """Device time at a true UTC within the boot."""
        place = min(max(0, int((utc_s - self.utc_s[0]) // STEP_S)), len(self.utc_s) - 2)
        along = (utc_s - self.utc_s[place]) / STEP_S
        return self.device_s[place] + along * (self.device_s[place + 1] - self.device_s[place])


@dataclass
class Anchor:
    """What one sync session leaves in the log, in microseconds."""

    time_us: int
    utc_us: int
    uncertainty_us: int


@dataclass
class Night:
    """The boots of one night and the anchors of each."""

    boots: list[tuple[Clock, list[Anchor]]] = field(default_factory=list)


def clock(chance: Random, begins_utc_s: float, length_s: float, kind: tuple[float, float, float]) -> Clock:
    """A boot of this length whose oscillator is of this kind."""
    greatest, deviation, constant_s = kind
    rate = chance.uniform(-greatest, greatest)
    wander = chance.gauss(0, deviation)
    keeps = exp(-STEP_S / constant_s)
    device, utc = [0.0], [begins_utc_s]
    for _ in range(int(length_s / STEP_S)):
        wander = wander * keeps + chance.gauss(0, deviation * sqrt(1 - keeps**2))
        # What was measured is the whole deviation, not its constant part.
        off = max(-RC[0], min(RC[0], rate + wander))
        utc.append(utc[-1] + STEP_S)
        device.append(device[-1] + STEP_S * (1 + off))
    return Clock(device, utc)


def anchor(chance: Random, of: Clock, at_utc_s: float, host_is_off_s: float = 0.0) -> Anchor:
    """A ping at this true UTC, by a host whose own clock is off by so much."""
    there_s = chance.uniform(0, CONNECTION_INTERVAL_S)
    back_s = CONNECTION_INTERVAL_S - chance.uniform(0, 0.005)
    if chance.random() < 0.05:
        late_s = chance.uniform(0, 0.3)
        if chance.random() < 0.5:
            there_s += late_s
        else:
            back_s += late_s
    device_s = of.device_at(at_utc_s + there_s)
    trip_s = there_s + back_s
    middle_s = at_utc_s + trip_s / 2 + host_is_off_s
    return Anchor(round(device_s * 1e6), round(middle_s * 1e6), int(trip_s * 500_000) + 1)


def anchored(
    chance: Random,
    of: Clock,
    *,
    every_s: float = 600.0,
    missed: float = 0.0,
    host_is_off_s: tuple[tuple[float, float, float], ...] = (),
) -> list[Anchor]:
    """Anchors every so often, some missed; `host_is_off_s`: (from, to, by), seconds since the boot."""
    found = []
    at_s = chance.uniform(0, every_s)
    while at_s < of.utc_s[-1] - of.utc_s[0] - 1:
        if chance.random() >= missed:
            off_s = sum(by for begins, ends, by in host_is_off_s if begins <= at_s < ends)
            found.append(anchor(chance, of, of.utc_s[0] + at_s, off_s))
        at_s += every_s
    return found


def _whole(chance: Random, kind: tuple[float, float, float], **more: object) -> Night:
    of = clock(chance, START_UTC_S, 8 * 3600, kind)
    return Night([(of, anchored(chance, of, **more))])  # type: ignore[arg-type]


def connected(chance: Random) -> Night:
    """Live all night: the crystal runs."""
    return _whole(chance, CRYSTAL)


def light_sleep(chance: Random) -> Night:
    """A night of light sleep, a rendezvous every ten minutes."""
    return _whole(chance, RC)


def half_missed(chance: Random) -> Night:
    """The same, and every other rendezvous fails."""
    return _whole(chance, RC, missed=0.5)


def out_of_reach(chance: Random) -> Night:
    """Anchors in the first and the last half hour only."""
    of = clock(chance, START_UTC_S, 8 * 3600, RC)
    every = anchored(chance, of)
    near = [one for one in every if min(one.time_us, of.device_s[-1] * 1e6 - one.time_us) < 1_800_000_000]
    return Night([(of, near)])


def one_leap(chance: Random) -> Night:
    """One anchor says a time that is seconds to hours off."""
    of = clock(chance, START_UTC_S, 8 * 3600, RC)
    found = anchored(chance, of)
    found[chance.randrange(len(found))].utc_us += round(
        chance.choice((-1, 1)) * 10 ** chance.uniform(0.7, 4) * 1e6
    )
    return Night([(of, found)])


def host_set(chance: Random) -> Night:
    """The host's clock is wrong for an hour of the night, by 5 s to a day."""
    begins = chance.uniform(1800, 6.5 * 3600)
    by = chance.choice((-1, 1)) * 10 ** chance.uniform(0.7, 4.9)
    return _whole(chance, RC, host_is_off_s=((begins, begins + 3600, by),))


def begins_wrong(chance: Random) -> Night:
    """A host without a clock of its own: an hour off by days, then corrected."""
    return _whole(chance, RC, host_is_off_s=((0, 3600, -(10 ** chance.uniform(4.5, 7))),))


def reboots(chance: Random) -> Night:
    """Three boots with seconds to minutes in between; the middle one, of half an hour, has no anchor."""
    night = Night()
    at_s = START_UTC_S
    for length_s in (3 * 3600, 1800, 4 * 3600):
        of = clock(chance, at_s, length_s, RC)
        night.boots.append((of, [] if length_s == 1800 else anchored(chance, of)))
        at_s += length_s + chance.uniform(1, 300)
    return night


SCENES = {
    "connected": connected,
    "light sleep": light_sleep,
    "every other rendezvous missed": half_missed,
    "seven hours out of reach": out_of_reach,
    "one anchor leaps": one_leap,
    "host's clock wrong for an hour": host_set,
    "host begins without the time": begins_wrong,
    "two reboots, the middle one without anchor": reboots,
}
