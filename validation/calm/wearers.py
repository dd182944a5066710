"""Wearers: a model of healthy people who twitch in clusters, with habits, and of the same people worsening.

No series of nights of a finger is public. Published figures are cited; the others are assumptions, with wide
limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

Rng = np.random.Generator

# Twitches an hour asleep: the demo night's as the median; one healthy sleeper in ten has more than 144
# (Frauscher et al. 2014, Sleep 37:763, EMG of the legs and face). Lognormal.
MEDIAN_PER_H = 16.0
P90_PER_H = 144.0
_P90 = 1.2816
# Spread (standard deviation over mean) of nightly rates that no habit explains, and of hourly rates within
# a night. Dispersions of 1 to 11 at 20 a night, which docs/findings.md is about, are spreads of 0 to 0.71.
NIGHT_SPREAD = (0.15, 0.6)
HOUR_SPREAD = (0.2, 0.75)
# Correlation of the logarithm with the night before.
NIGHTS_ALIKE = (0.0, 0.5)
# Assumed: by how much a year swings.
SEASON = (0.0, 0.15)
# Late coffees of an evening, and what one does to the night, as in the demo's month.
COFFEES = (0, 0, 1, 1, 2, 3)
TIMES_A_COFFEE = (1.0, 1.25)
# Assumed: weeks of bad sleep or stress, their length in nights, what they do to rate and hours.
BAD_WEEKS = 4.0
BAD_NIGHTS = (3, 10)
TIMES_BAD = (1.1, 1.6)
BAD_HOURS = -1.0
# Fridays and Saturdays: rate, and hours longer in bed.
TIMES_WEEKEND = (0.9, 1.25)
WEEKEND_H = 0.7
SLEPT_H = (6.0, 8.0)
SLEPT_SPREAD_H = 0.6
# Assumed: the ring moved to another finger or hand, a year; how often that is noted, or taken back within
# two weeks; what it does to rate, noise and size of twitches (standard deviation of the logarithm).
MOVES = 1.5
MOVE_NOTED, MOVE_TAKEN_BACK = 0.5, 0.3
MOVE_RATE, MOVE_NOISE, MOVE_SIZE = 0.3, 0.25, 0.25
# Noise at rest from night to night, in mg, and how it scatters.
NOISE_MG, NOISE_SPREAD = 0.6, 0.08
SIZE_MG, SIZE_SPREAD = 9.0, 0.08
# Share of nights on which the ring is forgotten; of these, how often it lies within reach of the computer.
FORGOTTEN = (0.01, 0.08)
FORGOTTEN_NEAR = 0.6
# Journeys a year and their nights. One in three each: the ring stays at home, switched off; it comes along
# but no computer does, so its records arrive afterwards; the computer comes along too.
JOURNEYS = 1.5
JOURNEY_NIGHTS = (4, 14)
JOURNEY_FAR, JOURNEY_ZONES_H = 0.4, 8
TIMES_JET_LAG, JET_LAG_NIGHTS = 1.2, 3
# Nights with less than two hours of rest: ill, up with a child, ring too loose.
LITTLE_REST = 0.03
# A feature release of the firmware within the year.
UPDATED = 0.7
# Share of nights with fingers drummed or tapped for some seconds, lognormal among people: a tap of six
# seconds is reported as tremor in 38 of 60 cases (docs/detection-figures.md). Length: 4 s and more.
DRUMMING, DRUMMING_SPREAD = 0.01, 1.0
DRUM_LEAST_S, DRUM_MEAN_S = 4.0, 3.0
# A train of twitches that passes for a rhythm: as often as its rule allows, whatever the night.
FALSE_TRAINS = 1 / 365
# A contraction of 2 s and more: a blanket dragged over the hand counts as one. Three modelled restless nights
# of four had some (`validation.detection.disturbed`), quiet ones none: anything between.
CONTRACTIONS = (0.0, 0.75)
# Periodic movements: 3.9 % of adults (Ohayon and Roth 2002, J Psychosom Res 53:547), on every other night.
PERIODIC, PERIODIC_NIGHTS = 0.039, 0.5
HYPNIC = (0.0, 0.1)
# Who presses the button after a twitch felt, and on which share of nights.
PRESSES, PRESSED = 0.3, 0.03
# Noted in the journal within a year. Numb or tingling hands: 14.4 % of people (Atroshi et al. 1999, JAMA
# 282:153). The others are assumed: a tired hand, a sore throat.
SYMPTOMS = {"numbness": 0.144, "weakness": 0.05, "wasting": 0.005, "swallowing": 0.03, "speech": 0.01}
# How often a message is acknowledged at the next occasion.
ACKNOWLEDGES = (0.1, 0.9)


@dataclass(frozen=True)
class Life:
    """A wearer's nights, one place each.

    per_h: true rate of every hour slept, (nights, hours). hours: slept. noise_mg, size_mg, drummed_s: of each
    night, drummed_s 0 for none. worn: "worn", "near" (left within reach), "off". fetched: the night after
    which its records arrive. zone_h: of the place. late: whether the wearer sleeps past eight. places: noted
    on this night. firmware: its second number. The rest: whether the night shows it. symptoms: (night, name).
    """

    counts: np.ndarray
    hours: np.ndarray
    little: np.ndarray
    noise_mg: np.ndarray
    size_mg: np.ndarray
    drummed_s: np.ndarray
    worn: list[str]
    fetched: np.ndarray
    zone_h: np.ndarray
    late: np.ndarray
    places: dict[int, str]
    firmware: np.ndarray
    train: np.ndarray
    contraction: np.ndarray
    periodic: np.ndarray
    hypnic: np.ndarray
    felt: np.ndarray
    symptoms: list[tuple[int, str]]
    acknowledges: float

    def in_reach(self, at: int) -> bool:
        """Whether the ring is near a computer after night `at`."""
        return self.worn[at] != "off" and bool(self.fetched[at] == at)


def life(chance: Rng, nights: int, *, times: np.ndarray | None = None) -> Life:
    """One wearer, drawn. times: by which the true rate of each night is multiplied; None for healthy."""
    years = nights / 365
    at = np.arange(nights)
    per_h = MEDIAN_PER_H * np.exp(chance.normal() * np.log(P90_PER_H / MEDIAN_PER_H) / _P90)
    rate = per_h * _own_course(chance, nights)
    rate *= 1 + chance.uniform(*SEASON) * np.sin(2 * np.pi * (at / 365 + chance.random()))
    rate *= chance.uniform(*TIMES_A_COFFEE) ** chance.choice(COFFEES, nights)
    weekend = (at + chance.integers(7)) % 7 < 2
    hours = chance.uniform(*SLEPT_H) + chance.normal(0, SLEPT_SPREAD_H, nights) + WEEKEND_H * weekend
    rate *= np.where(weekend, chance.uniform(*TIMES_WEEKEND), 1.0)
    for begin, end in _stretches(chance, nights, BAD_WEEKS * years, BAD_NIGHTS):
        rate[begin:end] *= chance.uniform(*TIMES_BAD)
        hours[begin:end] += BAD_HOURS
    noise_mg = NOISE_MG * np.exp(chance.normal(0, NOISE_SPREAD, nights))
    size_mg = SIZE_MG * np.exp(chance.normal(0, SIZE_SPREAD, nights))
    places = _moved(chance, years, rate, noise_mg, size_mg)
    worn, fetched, zone_h = _whereabouts(chance, years, rate)
    if times is not None:
        rate = rate * times
    hours = np.clip(np.round(hours), 4, 10).astype(int)
    little = chance.random(nights) < LITTLE_REST
    hours[little] = 4
    spread = chance.uniform(*HOUR_SPREAD)
    hourly = rate[:, None] * chance.gamma(1 / spread**2, spread**2, (nights, 10))
    counts = chance.poisson(hourly * np.where(little, 0.4, 1.0)[:, None])
    drums = DRUMMING * np.exp(chance.normal(0, DRUMMING_SPREAD))
    drummed_s = np.where(
        chance.random(nights) < drums, DRUM_LEAST_S + chance.exponential(DRUM_MEAN_S, nights), 0
    )
    updated = chance.integers(nights) if chance.random() < UPDATED else nights
    share = chance.random
    return Life(
        counts=counts,
        hours=hours,
        little=little,
        noise_mg=noise_mg,
        size_mg=size_mg,
        drummed_s=drummed_s,
        worn=worn,
        fetched=fetched,
        zone_h=zone_h,
        late=share(nights) < np.where(weekend, 0.5, 0.05),
        places=places,
        firmware=(at >= updated).astype(int),
        train=share(nights) < FALSE_TRAINS,
        contraction=share(nights) < chance.uniform(*CONTRACTIONS),
        periodic=share(nights) < (PERIODIC_NIGHTS if share() < PERIODIC else 0),
        hypnic=share(nights) < chance.uniform(*HYPNIC),
        felt=share(nights) < (PRESSED if share() < PRESSES else 0),
        symptoms=_symptoms(chance, nights),
        acknowledges=chance.uniform(*ACKNOWLEDGES),
    )


def _own_course(chance: Rng, nights: int) -> np.ndarray:
    """Nightly factors of mean 1, lognormal, each correlated with the previous one."""
    spread = np.sqrt(np.log1p(chance.uniform(*NIGHT_SPREAD) ** 2))
    alike = chance.uniform(*NIGHTS_ALIKE)
    drawn = chance.normal(size=nights) * np.sqrt(1 - alike**2)
    drawn[0] = chance.normal()
    return np.exp(spread * lfilter([1.0], [1.0, -alike], drawn) - spread**2 / 2)


def _stretches(chance: Rng, nights: int, many: float, lengths: tuple[int, int]) -> list[tuple[int, int]]:
    begins = chance.integers(0, nights, chance.poisson(many))
    return [(int(begin), int(begin + chance.integers(*lengths, endpoint=True))) for begin in sorted(begins)]


def _moved(
    chance: Rng, years: float, rate: np.ndarray, noise_mg: np.ndarray, size_mg: np.ndarray
) -> dict[int, str]:
    """Move the ring now and then, which changes the three in place; the places that are noted."""
    nights = len(rate)
    places = {0: "left index"}
    for number, begin in enumerate(sorted(chance.integers(1, nights, chance.poisson(MOVES * years)))):
        end = begin + chance.integers(3, 14) if chance.random() < MOVE_TAKEN_BACK else nights
        for series, by in ((rate, MOVE_RATE), (noise_mg, MOVE_NOISE), (size_mg, MOVE_SIZE)):
            series[begin:end] *= np.exp(chance.normal(0, by))
        if chance.random() < MOVE_NOTED:
            places[int(begin)] = ("right index", "left middle", "left index")[number % 3]
            if end < nights:
                places[int(end)] = "left index"
    return places


def _whereabouts(chance: Rng, years: float, rate: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Whether each night was worn, when its records arrive, and its zone in hours from home's."""
    nights = len(rate)
    forgotten = chance.random(nights) < chance.uniform(*FORGOTTEN)
    near = chance.random(nights) < FORGOTTEN_NEAR
    worn = [
        "worn" if not missed else "near" if close else "off"
        for missed, close in zip(forgotten, near, strict=True)
    ]
    fetched = np.arange(nights)
    zone_h = np.zeros(nights)
    for begin, end in _stretches(chance, nights, JOURNEYS * years, JOURNEY_NIGHTS):
        end = min(end, nights)
        kind = chance.integers(3)
        if kind == 0:
            worn[begin:end] = ["off"] * (end - begin)
            continue
        if kind == 1:
            fetched[begin:end] = end
        if chance.random() < JOURNEY_FAR:
            zone_h[begin:end] = chance.integers(-JOURNEY_ZONES_H, JOURNEY_ZONES_H, endpoint=True)
            rate[begin : begin + JET_LAG_NIGHTS] *= TIMES_JET_LAG
            rate[end : end + JET_LAG_NIGHTS] *= TIMES_JET_LAG
    return worn, fetched, zone_h


def _symptoms(chance: Rng, nights: int) -> list[tuple[int, str]]:
    """What is noted of symptoms: one to three times each, in a year in which it is noted at all."""
    noted = []
    for name, share in SYMPTOMS.items():
        if chance.random() < share * nights / 365:
            times = chance.integers(1, 3, endpoint=True)
            noted += [(int(night), name) for night in chance.integers(0, nights, times)]
    return sorted(noted)
