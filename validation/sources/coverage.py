"""Is the stated limit the size at which nine in ten twitches are found? Over a grid of sensors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from twitchwatch.analysis.contract import Contract
from twitchwatch.analysis.detection_limit import detection_limit_mg
from twitchwatch.recording import Recording, recording_from_array
from twitchwatch.recording.detection import detect
from validation.sources.made import Sensor, made, share_found
from validation.tables import MODELLED, Bar, Results, Table

COVERED = (0.88, 0.96)
AIMED = 0.92
"""In the middle of the bar: what the constants of `analysis/detection_limit.py` are fitted to."""

RATES_HZ = (50.0, 62.5, 100.0, 200.0, 400.0)
STEPS_MG = (0.1, 1.0, 3.9, 16.0)
NOISES_MG = (0.65, 3.0)
LOSSES = (0.0, 0.05, 0.1, 0.2)

_QUIET_S = 600.0
"""Of a night its noise is known better than that."""

_POSTURES = 10


@dataclass(frozen=True)
class Cell:
    """The limit that is stated for a sensor, and the share of twitches of that size found; None: no limit."""

    sensor: Sensor
    contract: Contract
    noise_mg: float
    limit_mg: float | None
    found: float


def grid() -> list[Sensor]:
    """Every rate with every step, noise and loss; and coloured noise by itself."""
    those = [Sensor(*each) for each in product(RATES_HZ, STEPS_MG, NOISES_MG, LOSSES)]
    return [*those, *(Sensor(104.0, slope=slope) for slope in (-2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 2.0))]


def cell(seed: int, sensor: Sensor, twitches: int) -> Cell:
    """State the limit from a recording without twitches, and look for twitches of that size in another."""
    recording, noise_mg = _quiet(seed, sensor)
    limit_mg = detection_limit_mg(recording.contract, noise_mg)
    if limit_mg is None:
        return Cell(sensor, recording.contract, noise_mg, None, 0.0)
    scene = made(seed + 1, sensor, twitches, limit_mg)
    return Cell(sensor, recording.contract, noise_mg, limit_mg, share_found(scene.detect(), scene.onsets_s))


def _quiet(seed: int, sensor: Sensor) -> tuple[Recording, float]:
    """A still hand, and its noise. In some postures a coarse sensor never changes, as if it was broken."""
    for posture in range(_POSTURES):
        scene = made(seed + 1_000_000 * posture, sensor, 0, 0.0, _QUIET_S)
        recording = recording_from_array(scene.acc_g, t_s=scene.t_s)
        noise_mg = detect(recording).totals.noise_mg
        if noise_mg is not None:
            return recording, noise_mg
    raise ValueError(f"{sensor} shows no motion in {_POSTURES} postures")


def needed(seed: int, sensor: Sensor, twitches: int) -> tuple[float, Cell]:
    """By how much the limit must be multiplied for 0.92 to be found, between sizes that were tried."""
    stated = cell(seed, sensor, twitches)
    factors, shares = (0.8, 0.9, 1.0, 1.1, 1.25, 1.45), []
    for factor in factors:
        scene = made(seed + 1, sensor, twitches, factor * (stated.limit_mg or 0.0))
        shares.append(share_found(scene.detect(), scene.onsets_s))
    return float(np.interp(AIMED, np.maximum.accumulate(shares), factors)), stated


def tell(seed: int, twitches: int) -> Results:
    """The grid, and its bar."""
    cells = [cell(seed + 10 * number, sensor, twitches) for number, sensor in enumerate(grid())]
    least, most = COVERED
    white = [each for each in cells if not each.sensor.slope and each.limit_mg is not None]
    right = sum(least <= each.found <= most for each in white)
    shares = [each.found for each in white]
    bar = Bar(
        f"share found of {twitches} twitches of the stated limit, for {len(white)} sensors that show any",
        f"{least} to {most}",
        f"{min(shares):.3f} to {max(shares):.3f}, mean {np.mean(shares):.3f}; {right} of {len(white)} within",
        right == len(white),
        MODELLED,
    )
    head = ("rate", "step mg", "noise mg", *(f"{loss:.0%} lost" for loss in LOSSES))
    by = {each.sensor: each for each in cells}
    rows = []
    for rate_hz, step_mg, noise_mg in product(RATES_HZ, STEPS_MG, NOISES_MG):
        words = [_words(by[Sensor(rate_hz, step_mg, noise_mg, loss)]) for loss in LOSSES]
        rows.append((f"{rate_hz:g} Hz", f"{step_mg:g}", f"{noise_mg:g}", *words))
    coloured = tuple(
        (
            f"{each.sensor.slope:g}",
            f"{each.contract.slope:.2f}",
            f"{each.limit_mg or 0:.1f}",
            f"{each.found:.2f}",
        )
        for each in cells
        if each.sensor.slope
    )
    return Results(
        tables=[
            Table("Found at the stated limit", MODELLED, head, tuple(rows)),
            Table(
                "Coloured noise: density over frequency to a power",
                MODELLED,
                ("exponent", "measured", "limit, mg", "found"),
                coloured,
            ),
        ],
        bars=[bar],
    )


def _words(one: Cell) -> str:
    return "cannot be seen" if one.limit_mg is None else f"{one.found:.2f} of {one.limit_mg:.1f} mg"


def calibrate(seed: int, twitches: int) -> list[str]:
    """One line for each sensor: the factor by which a constant of `analysis/detection_limit.py` is off."""
    sensors = [
        *(Sensor(rate_hz) for rate_hz in (46.0, 50.0, 55.0, 62.5, 80.0, 104.0, 200.0)),
        *(Sensor(104.0, 4.0, noise_mg) for noise_mg in (0.2, 1.2, 4.0)),
        *(Sensor(104.0, lost=lost) for lost in (0.02, 0.05, 0.1, 0.15, 0.2)),
        Sensor(50.0, lost=0.1),
        Sensor(200.0, lost=0.1),
        *(Sensor(104.0, slope=slope) for slope in (-2.0, -1.0, -0.5, 0.5, 1.0)),
    ]
    lines = []
    for sensor in sensors:
        factor, stated = needed(seed, sensor, twitches)
        lines.append(
            f"{sensor}: found {stated.found:.3f} of {stated.limit_mg or 0:.2f} mg, "
            f"noise {stated.noise_mg:.2f} mg, slope {stated.contract.slope:.2f}; limit x {factor:.3f}"
        )
    return lines
