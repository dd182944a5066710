"""Twitches: F1, sensitivity, precision and timing against size, compared with bound and baselines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.shared.protocol.records import TWITCH
from validation.detection import recordings
from validation.detection.baselines import Bank, Energy, bank_of_shapes, bound_hits, calibrated
from validation.detection.disturbed import modelled_night
from validation.detection.matching import Score, f1, score
from validation.detection.scenes import (
    Background,
    Scene,
    Signal,
    recorded,
    twitch_bank,
    white,
    with_twitches,
    worn,
)
from validation.detection.sizes import Sizes
from validation.tables import BOTH, MODELLED, Bar, Number, Results, Table

BOUND_FALSE_PER_HOUR = 1.0
"""Of the known-template filter: the rate allowed to the detector on a worn, still hand."""

ENERGY_FALSE_PER_HOUR = 3.0
BARS = {4: 0.80, 5: 0.93, 6: 0.98}
BANK_FALSE_PER_HOUR = 0.25
FOUND = 0.9
SMALLEST_MG = 3.5
_BANK_SEED = 5


@dataclass(frozen=True, eq=False)
class Point:
    """One background at one size: ours, F1 of the known template, the bank of shapes, the plain energy."""

    background: Background
    snr: int
    ours: Score
    bound: float | None
    bank: Score
    plain: Score


def disturbed() -> Background:
    """A worn hand through a night with every disturbance; twitches fall wherever they fall."""

    def draw(rng: np.random.Generator, seconds: float) -> Signal:
        return modelled_night(int(rng.integers(2**32)), seconds / 3600).signal

    return Background("night, disturbed", worn().noise_mg, False, draw)


def backgrounds() -> list[Background]:
    """Modelled ones, and the real ones where they are."""
    found = [white("LSM6DS3TR-C"), white("LSM6DSOX"), white("MPU6886"), white("MPU6050"), worn(), disturbed()]
    if recordings.present():
        found += [
            recorded("mpu6050_static", recordings.static_mpu6050().acc_mg),
            recorded("CTRL hands", *(hand.acc_mg for hand in recordings.hands("CTRL"))),
        ]
    return found


def daily() -> list[Background]:
    """Real motion, in which almost nothing can be seen."""
    kinds = recordings.activities()
    return [
        recorded("wrist, sitting", kinds["sitting"].acc_mg),
        recorded("wrist, moving", recordings.pd_wrist().part(460).acc_mg),
    ]


def found_twitches(scene: Scene) -> NDArray[np.int64]:
    """Samples at which the detector says that twitches set in, in order."""
    return np.array([event.sample for event in scene.detect().events if event.kind == TWITCH], np.int64)


def measure(sizes: Sizes) -> list[Point]:
    """Every background at every size; the twitches are the same everywhere, only their size differs."""
    bank = twitch_bank(np.random.default_rng(sizes.seed), sizes.twitches)
    chance = np.random.default_rng(sizes.seed + 1)
    plain = calibrated(Energy(), chance, sizes.calibration_h, ENERGY_FALSE_PER_HOUR)
    # The shapes are learnt, so from seeds that are free for tuning.
    shapes = Bank(bank_of_shapes(np.random.default_rng(_BANK_SEED), sizes.shapes_from))
    any_shape = calibrated(shapes, chance, sizes.calibration_h, BANK_FALSE_PER_HOUR)
    points = []
    everywhere = backgrounds() + (daily() if recordings.present() else [])
    for number, background in enumerate(everywhere):
        for snr in sizes.snrs:
            rng = np.random.default_rng([sizes.seed + 2, number, snr])
            scene, signal = with_twitches(rng, background, bank, snr * background.noise_mg)
            ours = score(scene.onsets, found_twitches(scene), scene.seconds)
            bound = None
            if not background.real and "disturbed" not in background.name:
                scaled = snr * background.noise_mg
                hits = bound_hits(
                    signal, scene, [scaled * each for each in bank], background.noise_mg, BOUND_FALSE_PER_HOUR
                )
                wrong = BOUND_FALSE_PER_HOUR * scene.seconds / 3600
                bound = f1(hits * len(bank), (1 - hits) * len(bank), wrong)
            others = (score(scene.onsets, rule(signal), scene.seconds) for rule in (any_shape, plain))
            points.append(Point(background, snr, ours, bound, *others))
    return points


def tell(sizes: Sizes) -> Results:
    """Tables, bars and the curves."""
    points = measure(sizes)
    findings = Results(curves={"twitch": points})
    for real, basis in ((False, MODELLED), (True, BOTH)):
        these = [point for point in points if point.background.real is real]
        if these:
            findings.tables.append(_f1_table(these, basis))
            findings.tables.append(_detail_table(these, basis))
    for snr, bar in BARS.items():
        findings.bars += _bars(points, snr, bar)
    findings.bars += _onset_bars(points)
    findings.tables.append(_rate_error(sizes))
    findings.numbers.append(_smallest(points))
    return findings


def _smallest(points: list[Point]) -> Number:
    """The size at which nine in ten are found on a worn, still hand, between the sizes that were tried."""
    those = [point for point in points if point.background.name == worn().name]
    shares = np.maximum.accumulate([point.ours.sensitivity for point in those])
    enough = bool(shares[-1] >= FOUND)
    snr = float(np.interp(FOUND, shares, [point.snr for point in those]))
    smallest_mg = snr * worn().noise_mg
    return Number(
        9,
        "Smallest size at which nine in ten twitches are found, "
        "if they have the form that the detector was made for",
        f"{smallest_mg:.1f} mg" if enough else "none",
        f"<= {SMALLEST_MG:g} mg",
        enough and smallest_mg <= SMALLEST_MG,
        MODELLED,
    )


def _snrs(points: list[Point]) -> list[int]:
    return sorted({point.snr for point in points})


def _grouped(points: list[Point]) -> list[list[Point]]:
    names = dict.fromkeys(point.background.name for point in points)
    return [[point for point in points if point.background.name == name] for name in names]


def _f1_table(points: list[Point], basis: str) -> Table:
    rows: list[tuple[str, ...]] = []
    for group in _grouped(points):
        noise_mg = group[0].background.noise_mg
        rows.append((f"{group[0].background.name} ({noise_mg:.2f} mg)", *(f"{p.ours.f1:.3f}" for p in group)))
        if all(point.bound is not None for point in group):
            rows.append(("  known template", *(f"{point.bound:.3f}" for point in group)))
        rows.append(("  bank of shapes", *(f"{point.bank.f1:.3f}" for point in group)))
        rows.append(("  plain energy", *(f"{point.plain.f1:.3f}" for point in group)))
    head = ("background (noise of an axis)", *(str(snr) for snr in _snrs(points)))
    return Table("Twitch F1 against peak SNR", basis, head, tuple(rows))


def _detail_table(points: list[Point], basis: str) -> Table:
    rows = []
    for group in _grouped(points):
        name = group[0].background.name
        for p in (each for each in group if each.snr in (4, 5, 6, 10)):
            rows.append(
                (
                    name,
                    str(p.snr),
                    f"{p.ours.f1:.3f}",
                    "{:.3f}-{:.3f}".format(*p.ours.f1_interval()),
                    f"{p.ours.sensitivity:.3f}",
                    f"{p.ours.precision:.3f}" if len(p.ours.late_ms) else "-",
                    f"{p.ours.false_per_hour:.{0 if p.ours.false_per_hour > 99 else 1}f}",
                    f"{p.ours.late(0.5):.0f} / {p.ours.late(0.95):.0f}" if len(p.ours.late_ms) else "-",
                )
            )
            name = ""
    head = ("background", "SNR", "F1", "95 %", "found", "right", "false/h", "onset ms")
    title = "Twitches in detail (found: sensitivity; right: precision; onset: median / 95 %)"
    return Table(title, basis, head, tuple(rows))


def _bars(points: list[Point], snr: int, bar: float) -> list[Bar]:
    found = []
    for name in ("worn still, LSM6DS3TR-C", "night, disturbed", "mpu6050_static", "CTRL hands"):
        for p in points:
            if p.snr == snr and p.background.name == name:
                low, high = p.ours.f1_interval()
                basis = BOTH if p.background.real else MODELLED
                found.append(
                    Bar(
                        f"twitch F1 at SNR {snr}, {name}",
                        f">= {bar:.2f}",
                        f"{p.ours.f1:.3f} ({low:.3f}-{high:.3f}); plain {p.plain.f1:.3f}",
                        p.ours.f1 >= bar,
                        basis,
                    )
                )
    return found


def _onset_bars(points: list[Point]) -> list[Bar]:
    found = []
    for snr in (5, 6, 10):
        for p in points:
            if p.background.name == "night, disturbed" and p.snr == snr and len(p.ours.late_ms):
                middle, late = p.ours.late(0.5), p.ours.late(0.95)
                found.append(
                    Bar(
                        f"onset error at SNR {snr}, median / 95 %",
                        "<= 10 / 25 ms",
                        f"{middle:.0f} / {late:.0f} ms",
                        round(middle) <= 10 and late <= 25,
                        MODELLED,
                    )
                )
    return found


def _rate_error(sizes: Sizes) -> Table:
    """The sensor's clock is wrong by 2 %: the same second has 102 or 106 samples."""
    rows = []
    background = worn()
    for rate_hz in (102, SAMPLE_RATE_HZ, 106):
        bank = twitch_bank(np.random.default_rng(sizes.seed + 3), min(sizes.twitches, 500), rate_hz)
        row = [f"{rate_hz} Hz"]
        for snr in BARS:
            scene, _ = with_twitches(
                np.random.default_rng([sizes.seed + 4, snr]), background, bank, snr * background.noise_mg
            )
            row.append(f"{score(scene.onsets, found_twitches(scene), scene.seconds).f1:.3f}")
        rows.append(tuple(row))
    head = ("true rate", *(f"F1 at {snr}" for snr in BARS))
    return Table("A sensor 2 % off its data rate (worn still)", MODELLED, head, tuple(rows))
