"""How the count follows the rate: twitches of one size at random times, 5 to 400 a minute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twitchwatch.recording import SAMPLE_RATE_HZ
from validation.detection.entrants import BRIEF, OURS, TWITCH, Entrant, Report, at_sensor
from validation.detection.families import PUBLISHED
from validation.detection.scenes import Signal, worn
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, Bar, Mark, Number, Results, Table

PER_MINUTE = (5, 40, 100, 200, 400)
"""Surface EMG of fasciculating patients: median 40 a minute, over two orders of magnitude (SPiQE)."""

PEAK_MG = 20.0
TRUE_WITHIN = (0.95, 1.05)
FUSED_WITHIN = (0.9, 1.1)
_FUSED = 400
_EVENTS = 2000
_SHORTEST_S = 600.0
_SHAPES = 400
_OWN = 12_000


@dataclass(frozen=True)
class Count:
    """Of one entrant at one rate, over the true number: twitches, with unlike, and the rates stated."""

    per_minute: int
    true: int
    twitch: float
    brief: float
    low: float | None
    high: float | None


def scene(
    rng: np.random.Generator, bank: list[Signal], per_minute: float, seconds: float
) -> tuple[Signal, int]:
    """A worn, still hand in mg with this many twitches a minute (Poisson), and their number."""
    signal = worn().draw(rng, seconds)
    onsets = rng.uniform(0, seconds - 2, rng.poisson(per_minute / 60 * seconds))
    for onset in onsets:
        at = round(onset * SAMPLE_RATE_HZ)
        shape = bank[rng.integers(len(bank))][: len(signal) - at]
        signal[at : at + len(shape)] += PEAK_MG * shape
    return signal, len(onsets)


def counted(report: Report, per_minute: int, true: int, seconds: float) -> Count:
    """What a report comes to, over the truth."""
    low, high = report.rate_per_h or (None, None)
    per_hour = true / seconds * 3600
    return Count(
        per_minute,
        true,
        report.count(TWITCH) / true,
        report.count(*BRIEF) / true,
        None if low is None else low / per_hour,
        None if high is None else high / per_hour,
    )


def tell(sizes: Sizes, entrants: tuple[Entrant, ...] = (OURS,)) -> Results:
    """The table, the bars and the curve."""
    taking = [each for each in entrants if TWITCH in each.kinds]
    rng = np.random.default_rng(sizes.seed + _OWN)
    bank = [PUBLISHED.draw(rng) for _ in range(min(_SHAPES, 4 * sizes.family_twitches))]
    found: dict[str, list[Count]] = {each.name: [] for each in taking}
    for number, per_minute in enumerate(PER_MINUTE):
        seconds = max(_SHORTEST_S, _EVENTS / per_minute * 60) * sizes.share
        drawn = np.random.default_rng([sizes.seed + _OWN + 1, number])
        signal, true = scene(drawn, bank, per_minute, seconds)
        samples = at_sensor(signal)
        for entrant in taking:
            found[entrant.name].append(counted(entrant.report(samples), per_minute, max(true, 1), seconds))
    rows = [
        (
            name if each is counts[0] else "",
            str(each.per_minute),
            str(each.true),
            f"{each.twitch:.2f}",
            f"{each.brief:.2f}",
            _stated(each.low),
            _stated(each.high),
        )
        for name, counts in found.items()
        for each in counts
    ]
    head = ("true = 1", "a minute", "true", "twitch", "+ unlike", "stated, low", "stated, high")
    results = Results(curves={"counts": found.get(OURS.name, [])})
    title = f"Count against rate: Poisson, {PEAK_MG:g} mg, a motor unit's twitches on a worn, still hand"
    results.tables.append(Table(title, MODELLED, head, tuple(rows)))
    results.bars += [_bar(each) for each in found.get(OURS.name, [])]
    words = "rate (counted if none is stated) over the true one, at " + " / ".join(map(str, PER_MINUTE))
    for name, counts in found.items():
        rates = [each.brief if each.low is None else each.low for each in counts]
        results.marks.append(Mark(name, words, " / ".join(f"{rate:.2f}" for rate in rates)))
    results.numbers += _number(found.get(OURS.name, []))
    return results


def _number(counts: list[Count]) -> list[Number]:
    stated = {each.per_minute: each.low for each in counts}
    if not stated:
        return []
    words = {n: "no rate" if low is None else f"{100 * low:.0f}" for n, low in stated.items()}
    usual, often = stated[PER_MINUTE[1]], stated[PER_MINUTE[3]]
    return [
        Number(
            2,
            f"Rate stated for 100 true twitches of {PEAK_MG:g} mg, at {PER_MINUTE[1]} a minute (the "
            f"median of people with fasciculations) and at {PER_MINUTE[3]}",
            f"{words[PER_MINUTE[1]]}; {words[PER_MINUTE[3]]}",
            "95 to 105",
            all(low is not None and TRUE_WITHIN[0] <= low <= TRUE_WITHIN[1] for low in (usual, often)),
            MODELLED,
        )
    ]


def _stated(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.2f}"


def _bar(count: Count) -> Bar:
    least, most = FUSED_WITHIN if count.per_minute >= _FUSED else TRUE_WITHIN
    may_refuse = count.per_minute >= _FUSED
    met = may_refuse if count.low is None else least <= count.low <= most
    return Bar(
        f"rate stated (low) over the true rate, {count.per_minute} a minute",
        f"{least:g}-{most:g}" + (", or no rate" if may_refuse else ""),
        "no rate" if count.low is None else f"{count.low:.2f}",
        met,
        MODELLED,
    )
