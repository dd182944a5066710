"""Tremor: found or not, its frequency and size, by amplitude; compared with ParaDigMa on the same signals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.recording.detection import Detection
from twitchwatch.sim.tremor import RAMP_S, tremor_bout
from twitchwatch.sim.twitch import random_direction
from validation.detection import peer
from validation.detection.matching import interval
from validation.detection.scenes import Scene, Signal, counts, worn
from validation.detection.sizes import Sizes
from validation.tables import MODELLED, Bar, Results, Table

LEVER_M = 0.08
"""The sensor is that far from the joint about which the hand trembles: a finger's length."""

GYRO_NOISE_DPS = 0.005 * (SAMPLE_RATE_HZ / 2) ** 0.5
"""5 mdps/rtHz (LSM6DS3TR-C datasheet, high-performance mode)."""

FREQUENCIES_HZ = tuple(float(f) for f in range(3, 13))
WINDOW_S = peer.WINDOW_S
BOUT_S = 36.0
CALM_S = 20.0
_G = 9.80665
_OWN = 2000


@dataclass(frozen=True)
class Bout:
    """start_s, end_s: its plateau. rms_mg: of the swing on the lever; rms_dps: of the turning."""

    start_s: float
    end_s: float
    frequency_hz: float
    rms_mg: float
    rms_dps: float

    def mean_mg(self, at_s: NDArray[np.float64]) -> float:
        """Mean of the swing's rms at those moments, as `tremor_bout` lets it swell and ebb."""
        before_s = np.minimum(at_s - self.start_s, self.end_s - at_s) + RAMP_S
        return float((self.rms_mg * np.sin(np.clip(before_s / RAMP_S, 0, 1) * np.pi / 2) ** 2).mean())


@dataclass(frozen=True, eq=False)
class Stage:
    """A worn hand that trembles now and then: samples for us, gyroscope for ParaDigMa, and the truth."""

    samples: NDArray[np.int16]
    gyro_dps: Signal
    bouts: tuple[Bout, ...]


@dataclass(frozen=True, eq=False)
class Found:
    """Of each 4 s window: truth is the bout in whose plateau it lies, -1 apart from all bouts, else -2."""

    truth: NDArray[np.int64]
    ours: NDArray[np.bool_]
    rest_tremor: NDArray[np.bool_] | None
    any_tremor: NDArray[np.bool_] | None
    bouts: tuple[Bout, ...]
    frequency_error_hz: NDArray[np.float64]
    amplitude_error: NDArray[np.float64]


def mg_of(rms_dps: float, frequency_hz: float) -> float:
    """Tangential acceleration of the lever's end for a rotation, both rms."""
    return float(np.radians(rms_dps) * 2 * np.pi * frequency_hz * LEVER_M / _G * 1000)


def dps_of(rms_mg: float, frequency_hz: float) -> float:
    """The rotation that swings the lever's end so."""
    return rms_mg / mg_of(1.0, frequency_hz)


def stage(rng: np.random.Generator, wanted: list[tuple[float, float]]) -> Stage:
    """Bouts of (frequency_hz, rms_mg) in turn, each BOUT_S long with CALM_S of rest before it.

    The rotation is the swing integrated over the lever; the tilt in the field of gravity is left out.
    """
    every = round((BOUT_S + CALM_S) * SAMPLE_RATE_HZ)
    acc = worn().draw(rng, len(wanted) * (BOUT_S + CALM_S) + CALM_S)
    gyro = GYRO_NOISE_DPS * rng.standard_normal(acc.shape)
    bouts = []
    for i, (frequency_hz, rms_mg) in enumerate(wanted):
        at = i * every + round(CALM_S * SAMPLE_RATE_HZ)
        swing = tremor_bout(rng, frequency_hz=frequency_hz, rms_mg=rms_mg, duration_s=BOUT_S)
        acc[at : at + len(swing)] += swing
        rate = np.cumsum(swing - swing.mean(axis=0), axis=0) / SAMPLE_RATE_HZ * _G / 1000 / LEVER_M
        rate -= rate.mean(axis=0)
        # Rotation is about an axis at right angles to swing and lever.
        turned = np.cross(np.degrees(rate), random_direction(rng))
        turned *= np.degrees(np.sqrt((rate**2).sum() / max((turned**2).sum(), 1e-12)))
        gyro[at : at + len(swing)] += turned
        start_s = at / SAMPLE_RATE_HZ
        bouts.append(
            Bout(
                start_s + RAMP_S,
                start_s + BOUT_S - RAMP_S,
                frequency_hz,
                rms_mg,
                dps_of(rms_mg, frequency_hz),
            )
        )
    return Stage(counts(acc), gyro, tuple(bouts))


def covered(detection: Detection, starts_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether at least half of each window, of WINDOW_S from its start, is in a reported bout."""
    inside = np.zeros(len(starts_s))
    for bout in detection.bouts:
        begin = bout.sample / SAMPLE_RATE_HZ
        end = begin + bout.duration_ms / 1000
        inside += np.clip(np.minimum(end, starts_s + WINDOW_S) - np.maximum(begin, starts_s), 0, None)
    return np.asarray(inside >= WINDOW_S / 2)


def find(played: Stage, *, beside: bool) -> Found:
    """Run the detector, and ParaDigMa if `beside`, over a stage."""
    detection = Scene(played.samples).detect()
    windows = peer.run(played.gyro_dps, SAMPLE_RATE_HZ) if beside else None
    starts_s = (
        np.arange(0, len(played.samples) / SAMPLE_RATE_HZ - WINDOW_S, WINDOW_S)
        if windows is None
        else windows.start_s
    )
    truth = np.full(len(starts_s), -1)
    for i, bout in enumerate(played.bouts):
        near = (starts_s + WINDOW_S > bout.start_s - RAMP_S - WINDOW_S) & (
            starts_s < bout.end_s + RAMP_S + WINDOW_S
        )
        truth[near] = -2
        truth[(starts_s >= bout.start_s) & (starts_s + WINDOW_S <= bout.end_s)] = i
    frequency, amplitude = _errors(detection, played.bouts)
    return Found(
        truth,
        covered(detection, starts_s),
        None if windows is None else windows.rest_tremor,
        None if windows is None else windows.any_tremor,
        played.bouts,
        frequency,
        amplitude,
    )


def _errors(detection: Detection, bouts: tuple[Bout, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each true bout: frequency error (Hz) and relative amplitude error; nan if none was reported.

    The amplitude is compared with the swing's mean from the reported start to end, including ramps.
    """
    frequency, amplitude = np.full((2, len(bouts)), np.nan)
    for i, bout in enumerate(bouts):
        reported = [
            each
            for each in detection.bouts
            if each.sample / SAMPLE_RATE_HZ < bout.end_s
            and each.sample / SAMPLE_RATE_HZ + each.duration_ms / 1000 > bout.start_s
        ]
        if reported:
            longest = max(reported, key=lambda each: each.duration_ms)
            frequency[i] = longest.frequency_milli_hz / 1000 - bout.frequency_hz
            begin = longest.sample / SAMPLE_RATE_HZ
            span_s = np.linspace(begin, begin + longest.duration_ms / 1000, 200)
            amplitude[i] = longest.amplitude_ug / 1000 / bout.mean_mg(span_s) - 1
    return frequency, amplitude


def measure(sizes: Sizes) -> tuple[list[Found], list[Found]]:
    """Stages by mg, and stages by deg/s; one a size."""
    beside = peer.present()

    def at(amplitude: float, number: int, turned: bool) -> Found:
        wanted = [
            (f, mg_of(amplitude, f) if turned else amplitude)
            for f in FREQUENCIES_HZ
            for _ in range(sizes.tremor_repeats)
        ]
        rng = np.random.default_rng([sizes.seed + _OWN, number, turned])
        return find(stage(rng, wanted), beside=beside)

    return (
        [at(a, i, False) for i, a in enumerate(sizes.amplitudes_mg)],
        [at(a, i, True) for i, a in enumerate(sizes.amplitudes_dps)],
    )


def tell(sizes: Sizes) -> Results:
    """Tables, bars and curves."""
    by_mg, by_dps = measure(sizes)
    findings = Results(
        curves={
            "tremor_mg": _curve(by_mg, sizes.amplitudes_mg),
            "tremor_dps": _curve(by_dps, sizes.amplitudes_dps),
        }
    )
    findings.tables.append(_size_table("mg rms", by_mg, sizes.amplitudes_mg))
    findings.tables.append(_size_table("deg/s rms", by_dps, sizes.amplitudes_dps))
    strong = [each for each in by_mg if each.bouts[0].rms_mg >= 10]
    turning = [each for each in by_dps if each.bouts[0].rms_dps >= 2 - 1e-9]
    findings.tables.append(_frequency_table(strong + turning))
    findings.bars += _bars(strong, turning, by_mg + by_dps)
    return findings


def _bars(strong: list[Found], turning: list[Found], every: list[Found]) -> list[Bar]:
    bars = []
    for name, group in ((">= 10 mg rms", strong), (">= 2 deg/s", turning)):
        if not group:
            continue
        hits = sum(int(each.ours[each.truth >= 0].sum()) for each in group)
        whole = sum(int((each.truth >= 0).sum()) for each in group)
        low, high = interval(hits, whole)
        bars.append(
            Bar(
                f"tremor {name}, 3-12 Hz: sensitivity",
                ">= 0.95",
                f"{hits / whole:.3f} ({low:.3f}-{high:.3f}){_beside(group)}",
                hits / whole >= 0.95,
                MODELLED,
            )
        )
        frequency = np.concatenate([np.abs(each.frequency_error_hz) for each in group])
        amplitude = np.concatenate([np.abs(each.amplitude_error) for each in group])
        for what, errors, limit, unit, factor in (
            ("frequency error", frequency, 0.2, "Hz", 1),
            ("amplitude error", amplitude, 10, "%", 100),
        ):
            middle, late = np.nanmedian(errors) * factor, np.nanquantile(errors, 0.95) * factor
            bars.append(
                Bar(
                    f"tremor {name}: {what}, median / 95 %",
                    f"<= {limit:g} {unit}",
                    f"{middle:.2f} / {late:.2f} {unit}",
                    bool(late <= limit),
                    MODELLED,
                )
            )
    calm = sum(int((each.truth == -1).sum()) for each in every)
    wrong = sum(int(each.ours[each.truth == -1].sum()) for each in every)
    bars.append(
        Bar(
            "tremor: specificity between bouts, worn still",
            ">= 0.99",
            f"{1 - wrong / calm:.4f} of {calm} windows",
            1 - wrong / calm >= 0.99,
            MODELLED,
        )
    )
    return bars


def _beside(group: list[Found]) -> str:
    if group[0].any_tremor is None:
        return ""
    hits = sum(int(each.any_tremor[each.truth >= 0].sum()) for each in group if each.any_tremor is not None)
    return f"; ParaDigMa {hits / sum(int((each.truth >= 0).sum()) for each in group):.3f}"


def _sensitivity(found: Found, taken: NDArray[np.bool_] | None, band_hz: tuple[float, float]) -> float:
    inside = [i for i, bout in enumerate(found.bouts) if band_hz[0] <= bout.frequency_hz <= band_hz[1]]
    rows = np.isin(found.truth, inside)
    return float("nan") if taken is None else float(taken[rows].mean())


def _curve(group: list[Found], sizes: tuple[float, ...]) -> dict[str, list[float]]:
    return {
        "size": list(sizes),
        "ours": [_sensitivity(each, each.ours, (3, 12)) for each in group],
        "ours, 3-7 Hz": [_sensitivity(each, each.ours, (3, 7)) for each in group],
        "ParaDigMa": [_sensitivity(each, each.any_tremor, (3, 12)) for each in group],
        "ParaDigMa, 3-7 Hz": [_sensitivity(each, each.rest_tremor, (3, 7)) for each in group],
    }


def _text(value: float, digits: int = 2) -> str:
    return "-" if np.isnan(value) else f"{value:.{digits}f}"


def _size_table(unit: str, group: list[Found], sizes: tuple[float, ...]) -> Table:
    rows = []
    for size, found in zip(sizes, group, strict=True):
        calm = found.truth == -1
        some = np.isfinite(found.frequency_error_hz).any()
        peer_false = float("nan") if found.any_tremor is None else float(found.any_tremor[calm].mean())
        rows.append(
            (
                f"{size:g}",
                _text(_sensitivity(found, found.ours, (3, 12))),
                _text(_sensitivity(found, found.any_tremor, (3, 12))),
                _text(_sensitivity(found, found.ours, (3, 7))),
                _text(_sensitivity(found, found.rest_tremor, (3, 7))),
                f"{100 * found.ours[calm].mean():.1f}",
                _text(100 * peer_false, 1),
                _text(float(np.nanmedian(np.abs(found.frequency_error_hz))) if some else float("nan")),
                _text(float(100 * np.nanmedian(found.amplitude_error)) if some else float("nan"), 0),
            )
        )
    head = (unit, "ours", "PDM", "3-7 Hz ours", "3-7 Hz PDM", "false %", "PDM false %", "error Hz", "error %")
    return Table(
        f"Tremor of 3-12 Hz: share of windows found, by {unit} (PDM: ParaDigMa)", MODELLED, head, tuple(rows)
    )


def _frequency_table(group: list[Found]) -> Table:
    rows = []
    for f in FREQUENCIES_HZ:
        frequency, amplitude, taken, peers = [], [], [], []
        for each in group:
            here = [i for i, bout in enumerate(each.bouts) if bout.frequency_hz == f]
            frequency.append(each.frequency_error_hz[here])
            amplitude.append(each.amplitude_error[here])
            taken.append(_sensitivity(each, each.ours, (f, f)))
            peers.append(_sensitivity(each, each.any_tremor, (f, f)))
        hz, part = np.concatenate(frequency), np.concatenate(amplitude)
        if np.isfinite(hz).any():
            errors = (
                f"{np.nanmedian(hz):+.2f}",
                f"{np.nanmax(np.abs(hz)):.2f}",
                f"{100 * np.nanmedian(part):+.0f}",
            )
        else:
            errors = ("-", "-", "-")
        rows.append((f"{f:g}", _text(float(np.mean(taken))), _text(float(np.mean(peers))), *errors))
    head = ("Hz", "ours", "ParaDigMa", "error Hz, median", "worst", "size error %")
    return Table("Tremor of 10 mg or 2 deg/s and more, by frequency", MODELLED, head, tuple(rows))
