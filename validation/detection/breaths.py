"""A hand moved by breathing: gravity swings slowly, but the hand is at rest."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.backgrounds import chip_noise_mg
from twitchwatch.sim.distractors import GRAVITY_MG, pulse
from twitchwatch.sim.night import PULSE_MG
from twitchwatch.sim.twitch import random_direction
from validation.detection.entrants import BRIEF, OURS, TWITCH, Entrant, at_sensor
from validation.detection.families import PUBLISHED, two_directions
from validation.detection.matching import score
from validation.detection.scenes import Signal, onsets
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, Bar, Mark, Number, Results, Table

DEGREES = (0.5, 1.0, 2.0, 3.0, 5.0)
"""From the middle to the end of the swing. A hand on the chest or belly turns by some degrees."""

FREQUENCIES_HZ = (0.1, 0.25, 0.5)
"""6 to 30 breaths a minute: asleep 12 to 18, in heart failure slower or faster."""

PEAK_MG = 20.0
REST_BAR = 0.95
RECALL_BAR = 0.95
_WANDER = 0.1
_TWITCHES = 40
HANDS = 6
"""On the first one gravity lies along an axis of the sensor and swings along another."""

_OWN = 13_000


def turned(angle: Signal, plane: tuple[Signal, Signal]) -> Signal:
    """Gravity (n, 3) in mg, turned from a plane's first unit vector to its second by angle (n,) radians."""
    down, across = plane
    return GRAVITY_MG * (np.outer(np.cos(angle), down) + np.outer(np.sin(angle), across))


def breathing_hand(
    rng: np.random.Generator, seconds: float, degrees: float, frequency_hz: float, *, along_axis: bool
) -> Signal:
    """A worn hand in mg: gravity that swings, pulse, and the chip's noise."""
    count = round(seconds * SAMPLE_RATE_HZ)
    pace = gaussian_filter1d(rng.standard_normal(count), 10 * SAMPLE_RATE_HZ)
    momentary_hz = frequency_hz * (1 + _WANDER * pace / pace.std())
    phase = 2 * np.pi * (rng.uniform() + np.cumsum(momentary_hz) / SAMPLE_RATE_HZ)
    plane = (np.eye(3)[2], np.eye(3)[0]) if along_axis else two_directions(rng)
    signal = turned(np.radians(degrees) * np.sin(phase), plane)
    signal += np.outer(pulse(rng, count), random_direction(rng) * rng.uniform(*PULSE_MG))
    return np.asarray(signal + chip_noise_mg("LSM6DS3TR-C") * rng.standard_normal((count, 3)))


def tell(sizes: Sizes, entrants: tuple[Entrant, ...] = (OURS,)) -> Results:
    """The table and the bars."""
    taking = [each for each in entrants if TWITCH in each.kinds]
    number = max(4, round(_TWITCHES * sizes.share))
    rng = np.random.default_rng(sizes.seed + _OWN)
    bank = [PUBLISHED.draw(rng) for _ in range(number * HANDS)]
    rows = []
    rests, recalls = [], []
    fewest = dict.fromkeys([each.name for each in taking], 1.0)
    for degrees in DEGREES:
        for at_hz, frequency_hz in enumerate(FREQUENCIES_HZ):
            name = f"{degrees:g} degrees, {frequency_hz:g} Hz"
            rest: dict[str, list[float]] = {each.name: [] for each in taking}
            hits = dict.fromkeys(rest, 0)
            for hand in range(HANDS):
                rng = np.random.default_rng([sizes.seed + _OWN + 1, round(10 * degrees), at_hz, hand])
                starts = onsets(rng, number)
                seconds = float(starts[-1] / SAMPLE_RATE_HZ + 5)
                signal = breathing_hand(rng, seconds, degrees, frequency_hz, along_axis=hand == 0)
                for start in starts:
                    shape = bank[rng.integers(len(bank))]
                    signal[start : start + len(shape)] += PEAK_MG * shape
                samples = at_sensor(signal)
                for entrant in taking:
                    report = entrant.report(samples)
                    hits[entrant.name] += int(score(starts, report.starts(*BRIEF), seconds).hits.sum())
                    if report.rest_s is not None:
                        rest[entrant.name].append(report.rest_s / seconds)
            row = [name]
            for entrant in taking:
                shares, recall = rest[entrant.name], hits[entrant.name] / (HANDS * number)
                row += [f"{100 * min(shares):.0f} %" if shares else "-", f"{recall:.2f}"]
                fewest[entrant.name] = min(fewest[entrant.name], recall)
                if entrant is OURS:
                    rests.append((min(shares), name))
                    recalls.append((recall, name))
            rows.append(tuple(row))
    head = (
        "gravity swings by",
        *(word for each in taking for word in (f"{each.name}: rest, least", "found")),
    )
    results = Results()
    results.tables.append(
        Table(f"A breathing hand, and its twitches of {PEAK_MG:g} mg", MODELLED, head, tuple(rows))
    )
    what = f"a breathing hand's twitches of {PEAK_MG:g} mg found, worst"
    results.marks += [Mark(name, what, f"{recall:.2f}") for name, recall in fewest.items()]
    if rests:
        (least, where), (found, place) = min(rests), min(recalls)
        results.bars += [
            Bar(
                "breath of 0.5-5 degrees, 0.1-0.5 Hz: rest, worst",
                f">= {100 * REST_BAR:.0f} %",
                f"{100 * least:.0f} % ({where})",
                least >= REST_BAR,
                MODELLED,
            ),
            Bar(
                f"the same: twitches of {PEAK_MG:g} mg found, worst",
                f">= {RECALL_BAR:.2f}",
                f"{found:.2f} ({place})",
                found >= RECALL_BAR,
                MODELLED,
            ),
        ]
        results.numbers.append(
            Number(
                5,
                "A hand turned by breath, by 0.5 to 5 degrees: share of the time recognised as rest, worst",
                f"{100 * least:.0f} %",
                f">= {100 * REST_BAR:.0f} %",
                least >= REST_BAR,
                MODELLED,
            )
        )
    return results
