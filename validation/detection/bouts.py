"""Bouts of tremor in turn: of different frequency, and of known length. For entrants without a gyroscope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.sim.tremor import RAMP_S, tremor_bout
from validation.detection.entrants import OURS, Entrant, Report, Samples, at_sensor
from validation.detection.scenes import worn
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, Bar, Results, Table

PAIRS_HZ = ((4.0, 9.0), (3.5, 6.0), (5.0, 8.0), (5.0, 6.5))
APART_HZ = 0.3
LENGTHS_S = (10.0, 20.0, 40.0)
LENGTH_BAR_S = 1.0
CALM_S = 20.0
_OWN = 15_500

Rng = np.random.Generator


@dataclass(frozen=True)
class Span:
    """A true bout: start and end of its plateau, and its frequency."""

    start_s: float
    end_s: float
    frequency_hz: float


def bouts_in_turn(
    rng: Rng, wanted: list[tuple[float, float]], pause_s: float
) -> tuple[Samples, tuple[Span, ...]]:
    """Bouts of (frequency_hz, seconds) with 30 mg and hardly a ramp, the pause between them; six columns."""
    whole_s = CALM_S + sum(length_s + pause_s for _, length_s in wanted) + CALM_S
    signal = worn().draw(rng, whole_s)
    spans = []
    at_s = CALM_S
    for frequency_hz, length_s in wanted:
        bout = tremor_bout(rng, frequency_hz=frequency_hz, rms_mg=30.0, duration_s=length_s + 2 * RAMP_S)
        skip, at = round(RAMP_S * SAMPLE_RATE_HZ), round(at_s * SAMPLE_RATE_HZ)
        plateau = bout[skip : skip + round(length_s * SAMPLE_RATE_HZ)]
        signal[at : at + len(plateau)] += plateau
        spans.append(Span(at_s, at_s + length_s, frequency_hz))
        at_s += length_s + pause_s
    return np.hstack([at_sensor(signal), np.zeros((len(signal), 3))]), tuple(spans)


def right(report: Report, spans: tuple[Span, ...]) -> bool:
    """Every frequency reported is that of a true bout, and every true bout is reported."""
    stated = [bout.frequency_hz for bout in report.bouts() if bout.frequency_hz is not None]
    near = [[abs(hz - span.frequency_hz) <= APART_HZ for span in spans] for hz in stated]
    return (
        all(any(each) for each in near)
        and all(any(column) for column in zip(*near, strict=True))
        and bool(near)
    )


def report_pairs(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    rows = []
    times = max(1, round(10 * sizes.share))
    for number, (first_hz, second_hz) in enumerate(PAIRS_HZ):
        row = [f"{first_hz:g} Hz, then {second_hz:g} Hz"]
        for entrant in entrants:
            for pause_s in (20.0, 0.0):
                good = 0
                for i in range(times):
                    rng = np.random.default_rng([sizes.seed + _OWN + 1, number, round(pause_s), i])
                    samples, spans = bouts_in_turn(rng, [(first_hz, 20.0), (second_hz, 20.0)], pause_s)
                    good += right(entrant.report(samples), spans)
                row.append(f"{good} of {times}")
        rows.append(tuple(row))
    words = [f"{e.name}, {pause}" for e in entrants for pause in ("20 s apart", "at once")]
    title = "Two bouts of different frequency: how often both are stated, and none between them"
    results.tables.append(Table(title, MODELLED, ("bouts of 20 s, 30 mg", *words), tuple(rows)))


def report_lengths(results: Results, sizes: Sizes, entrants: list[Entrant]) -> None:
    rows = []
    late: list[float] = []
    times = max(2, round(20 * sizes.share))
    for number, length_s in enumerate(LENGTHS_S):
        row = [f"{length_s:g} s"]
        for entrant in entrants:
            rng = np.random.default_rng([sizes.seed + _OWN + 2, number])
            wanted = [(float(rng.uniform(3.5, 11)), length_s) for _ in range(times)]
            samples, spans = bouts_in_turn(rng, wanted, 20.0)
            bouts = entrant.report(samples).bouts()
            errors = [
                sum(b.duration_s for b in bouts if s.start_s - 8 < b.start_s + b.duration_s / 2 < s.end_s + 8)
                - length_s
                for s in spans
            ]
            row += [f"{np.median(errors):+.1f} s", f"{min(errors):+.1f} to {max(errors):+.1f} s"]
            late += errors if entrant is OURS else []
        rows.append(tuple(row))
    words = [f"{e.name}, {w}" for e in entrants for w in ("median", "range")]
    results.tables.append(
        Table("Length of a bout, reported minus true", MODELLED, ("true length", *words), tuple(rows))
    )
    if late:
        middle = float(np.median(np.abs(late)))
        results.bars.append(
            Bar(
                "length of a tremor bout of 10-40 s: median error",
                f"<= {LENGTH_BAR_S:g} s",
                f"{middle:.1f} s ({min(late):+.1f} to {max(late):+.1f})",
                middle <= LENGTH_BAR_S,
                MODELLED,
            )
        )
