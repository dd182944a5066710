"""Modelled counts of twitches: what differs between wearers, between a wearer's nights, and between hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Course = Literal["healthy", "clustered", "worsening", "treated"]
COURSES: tuple[Course, ...] = ("healthy", "clustered", "worsening", "treated")

P90_PER_HOUR = 144.0
"""One healthy sleeper in ten has more (Frauscher et al. 2014, Sleep Med 15:1099: fragmentary myoclonus)."""
MEDIAN_PER_HOUR = 20.0
"""Assumption, in the order of the medians that were published; with the 90th percentile it sets the spread
between wearers: ln(144 / 20) / 1.2816 = 1.54."""
BETWEEN_WEARERS = float(np.log(P90_PER_HOUR / MEDIAN_PER_HOUR) / 1.2816)

NIGHT_CV = {"healthy": 0.25, "clustered": 0.5, "worsening": 0.3, "treated": 0.3}
"""Assumption: how much a wearer's own nights differ (coefficient of variation of their true rates)."""
DISPERSION = {"healthy": 2.0, "clustered": 6.0, "worsening": 3.0, "treated": 3.0}
"""Assumption: variance over mean of hourly counts around the night's rate; 1 would be pure chance."""

REST_H = (4.5, 7.5)
MISSES_A_NIGHT, STAYS_AWAY = 0.06, 0.5
"""Assumption: a wearer forgets the sensor one night in seventeen, and then for two nights on average."""
MOVES_EVERY = 45
"""Assumption: mean number of nights after which the sensor moves to another finger."""
FINGERS = ("left index", "left middle", "right index", "right middle")


@dataclass(frozen=True, slots=True)
class ModelledWearer:
    """A modelled wearer, with the true values.

    per_hour: the true rate before the course changes it. change: the factor at the end of a worsening, or
    from `since` on for a treatment.
    """

    course: Course
    age: int
    sex: Literal["F", "M"]
    site: str
    per_hour: float
    change: float
    since: int


@dataclass(frozen=True, slots=True)
class ModelledCounts:
    """A wearer's nights, those that were worn: their number from 0, hours of rest, and true rate an hour.

    hourly: counts of twitches by hour of rest, the last hour may be short. finger: where it was worn.
    """

    nights: NDArray[np.int64]
    rest_h: NDArray[np.float64]
    per_hour: NDArray[np.float64]
    hourly: tuple[NDArray[np.int64], ...]
    finger: tuple[str, ...]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Twitches a night."""
        return np.array([int(one.sum()) for one in self.hourly], dtype=np.int64)


def modelled_wearer(
    chance: np.random.Generator, course: Course, nights: int, *, change: float | None = None
) -> ModelledWearer:
    """Draw a wearer. change: factor of a worsening or a treatment; by default 3 and 0.5."""
    factor = {"worsening": 3.0, "treated": 0.5}.get(course, 1.0)
    return ModelledWearer(
        course,
        int(chance.integers(20, 80)),
        "F" if chance.random() < 0.5 else "M",
        str(chance.choice(["finger", "wrist"], p=[0.8, 0.2])),
        float(MEDIAN_PER_HOUR * np.exp(BETWEEN_WEARERS * chance.normal())),
        factor if change is None or factor == 1.0 else change,
        nights // 2,
    )


def modelled_counts(chance: np.random.Generator, wearer: ModelledWearer, nights: int) -> ModelledCounts:
    """Draw a wearer's nights: gaps, moves of the sensor, rates that differ, counts that cluster."""
    worn = _worn(chance, nights)
    at = np.flatnonzero(worn)
    rest_h = chance.uniform(*REST_H, len(at))
    cv = NIGHT_CV[wearer.course]
    own = chance.gamma(1 / cv**2, cv**2, len(at))
    if wearer.course == "worsening":
        course = wearer.change ** (at / max(1, nights - 1))
    else:
        course = np.where(at >= wearer.since, wearer.change, 1.0)
    per_hour = wearer.per_hour * course * own
    hourly = tuple(
        _clustered(chance, rate, hours, DISPERSION[wearer.course])
        for rate, hours in zip(per_hour, rest_h, strict=True)
    )
    moved = np.cumsum(chance.random(nights) < 1 / MOVES_EVERY)[at]
    finger = tuple(FINGERS[int(one) % len(FINGERS)] for one in moved)
    return ModelledCounts(at, rest_h, wearer.per_hour * course, hourly, finger)


def _worn(chance: np.random.Generator, nights: int) -> NDArray[np.bool_]:
    worn = np.ones(nights, dtype=bool)
    for night in range(1, nights):
        worn[night] = chance.random() >= (MISSES_A_NIGHT if worn[night - 1] else STAYS_AWAY)
    return worn


def _clustered(
    chance: np.random.Generator, per_hour: float, hours: float, dispersion: float
) -> NDArray[np.int64]:
    """Counts by hour: negative binomial, as a Poisson process whose rate is gamma distributed."""
    lengths = np.append(np.ones(int(hours)), hours % 1)
    mean = np.maximum(per_hour * lengths, 1e-9)
    return np.asarray(chance.poisson(chance.gamma(mean / (dispersion - 1), dispersion - 1)), dtype=np.int64)
