"""A still hand has no twitches: false ones an hour by rate and step, or "cannot be seen"."""

from __future__ import annotations

from dataclasses import dataclass

from twitchwatch.shared.protocol.records import TWITCH, UNLIKE
from validation.sources.made import Sensor, made
from validation.tables import MODELLED, Bar, Results, Table

RATES_HZ = (20.0, 25.0, 30.0, 31.25, 33.0, 40.0, 45.0, 50.0, 62.5, 100.0, 200.0, 400.0, 1000.0)
STEPS_MG = (0.1, 1.0, 3.9, 16.0)
NOISE_MG = 0.65
SLOPES = (-2.0, -1.5, -1.0, -0.5, 0.5, 1.0)
MOST_PER_H = 1.0

_FAST_HZ = 250.0
"""From here on a quarter of the time, or most of the run would be these."""


@dataclass(frozen=True)
class Still:
    """False twitches of known shape, and brief motions of unknown one; None if none can be seen."""

    sensor: Sensor
    hours: float
    twitches: int | None
    unlike: int | None


def still(seed: int, sensor: Sensor, hours: float) -> Still:
    """Count in `hours` of a hand that only breathes and has a pulse."""
    found = made(seed, sensor, 0, 0.0, 3600 * hours).detect()
    if not found.twitches_visible:
        return Still(sensor, hours, None, None)
    return Still(sensor, hours, found.count(TWITCH), found.count(UNLIKE))


def tell(seed: int, hours: float) -> Results:
    """Every rate with every step."""
    rows, rates = [], []
    coloured = []
    for number, slope in enumerate(SLOPES):
        one = still(seed + 50 + number, Sensor(104.0, slope=slope), hours)
        if one.twitches is not None and one.unlike is not None:
            rates.append(one.twitches / hours)
            coloured.append((f"{slope:g}", f"{one.twitches / hours:.2g}; {one.unlike / hours:.2g}"))
    for number, rate_hz in enumerate(RATES_HZ):
        row = [f"{rate_hz:g} Hz"]
        for step_mg in STEPS_MG:
            length_h = hours / (4 if rate_hz > _FAST_HZ else 1)
            one = still(seed + 100 * number, Sensor(rate_hz, step_mg, NOISE_MG), length_h)
            if one.twitches is None or one.unlike is None:
                row.append("cannot be seen")
                continue
            rates.append(one.twitches / length_h)
            row.append(f"{one.twitches / length_h:.2g}; {one.unlike / length_h:.2g}")
        rows.append(tuple(row))
    bar = Bar(
        "false twitches an hour on a still hand, 20 to 1000 Hz, steps of 0.1 to 16 mg, coloured noise, "
        f"{hours:g} h each",
        f"<= {MOST_PER_H:g}, or cannot be seen",
        f"worst {max(rates):.2g}, mean {sum(rates) / len(rates):.2g}",
        max(rates) <= MOST_PER_H,
        MODELLED,
    )
    head = ("rate", *(f"step {step_mg:g} mg" for step_mg in STEPS_MG))
    title = "False twitches; brief motions of unknown shape, an hour on a still hand"
    red = Table("The same in coloured noise at 104 Hz", MODELLED, ("exponent", "measured"), tuple(coloured))
    return Results(tables=[Table(title, MODELLED, head, tuple(rows)), red], bars=[bar])
