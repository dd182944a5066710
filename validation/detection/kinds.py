"""What is mistaken for what: a confusion matrix of modelled events; trains of twitches, not tremor."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from twitchwatch.analysis.vocabulary import KINDS
from twitchwatch.recording import SAMPLE_RATE_HZ
from twitchwatch.recording.detection import Detection
from twitchwatch.sim.tremor import tremor_bout
from twitchwatch.sim.twitch import random_direction, twitch_waveform
from validation.detection.disturbed import DISTURBANCES
from validation.detection.matching import interval
from validation.detection.scenes import Scene, Signal, counts, worn
from validation.detection.sizes import Sizes
from validation.detection.tremor import WINDOW_S, covered
from validation.tables import MODELLED, Bar, Results, Table

_OWN = 3000
_EVERY_S = 40.0
_EDGE_S = 0.3

Rng = np.random.Generator


def twitch(rng: Rng) -> Signal:
    """5 to 100 mg: what one motor unit, or a few, may do."""
    return twitch_waveform(rng, peak_mg=float(np.exp(rng.uniform(np.log(5), np.log(100)))))


def jerk(rng: Rng) -> Signal:
    """The whole hand is thrown and stopped within 120-300 ms: two half waves of 400-2000 mg."""
    count = round(rng.uniform(0.12, 0.3) * SAMPLE_RATE_HZ)
    thrown = np.sin(2 * np.pi * (np.arange(count) + 0.5) / count)
    return np.outer(rng.uniform(400, 2000) * thrown, random_direction(rng))


def spasm(rng: Rng) -> Signal:
    """A contraction held for 0.7-4 s: unfused twitching of 8-30 Hz without a line, 5-40 mg rms, eased in."""
    count = round(rng.uniform(0.7, 4) * SAMPLE_RATE_HZ)
    spare = SAMPLE_RATE_HZ
    sos = butter(2, (8, 30), "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    noise = sosfiltfilt(sos, rng.standard_normal((count + 2 * spare, 3)), axis=0)[spare:-spare]
    ease = np.clip(np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.05 * SAMPLE_RATE_HZ), 0, 1)
    return np.asarray(noise * (rng.uniform(5, 40) / np.sqrt((noise**2).sum(axis=1).mean())) * ease[:, None])


def tremor(rng: Rng) -> Signal:
    """10-25 s of 3-12 Hz, 8-60 mg rms."""
    return tremor_bout(
        rng,
        frequency_hz=rng.uniform(3.2, 11.8),
        rms_mg=float(np.exp(rng.uniform(np.log(8), np.log(60)))),
        duration_s=rng.uniform(10, 25),
    )


def scene_of(
    rng: Rng, draw: Callable[[Rng], Signal] | None, times: int
) -> tuple[Signal, list[tuple[int, int]]]:
    """A worn hand to which it happens `times` times; also first and last sample of each."""
    signal = worn().draw(rng, times * _EVERY_S + 10)
    spans = []
    for i in range(times):
        at = round((8 + i * _EVERY_S + rng.uniform(0, 2)) * SAMPLE_RATE_HZ)
        if draw is None:
            length = DISTURBANCES[0].add(rng, signal, at)
        else:
            each = draw(rng)
            length = len(each)
            signal[at : at + length] += each
        spans.append((at, at + length))
    return signal, spans


def taken_for(detection: Detection, first: int, last: int) -> str:
    """What overlaps the span most, a third of a second more on either side; "nothing" if none does."""
    edge = round(_EDGE_S * SAMPLE_RATE_HZ)
    reported = [(KINDS[e.kind], e.sample, e.duration_ms) for e in detection.events]
    reported += [("tremor", bout.sample, bout.duration_ms) for bout in detection.bouts]
    overlaps: dict[str, float] = {}
    for kind, sample, duration_ms in reported:
        end = sample + duration_ms * SAMPLE_RATE_HZ / 1000
        overlap = min(end, last + edge) - max(sample, first - edge)
        if overlap > 0:
            overlaps[kind] = overlaps.get(kind, 0) + overlap
    return max(overlaps, key=lambda kind: overlaps[kind]) if overlaps else "nothing"


def train(rng: Rng, seconds: float, *, clustered: bool, per_s: float = 4.0) -> Signal:
    """Twitches of 5-60 mg on a worn hand, `per_s` a second: uneven (Poisson), or in flurries with pauses."""
    signal = worn().draw(rng, seconds)
    onsets = _flurries(rng, seconds, per_s) if clustered else _uneven(rng, seconds, per_s)
    for onset in onsets:
        each = twitch_waveform(rng, peak_mg=float(np.exp(rng.uniform(np.log(5), np.log(60)))))
        at = round(onset * SAMPLE_RATE_HZ)
        length = min(len(each), len(signal) - at)
        signal[at : at + length] += each[:length]
    return signal


def _uneven(rng: Rng, seconds: float, per_s: float) -> NDArray[np.float64]:
    return np.sort(rng.uniform(0, seconds, rng.poisson(seconds * per_s)))


def _flurries(rng: Rng, seconds: float, per_s: float) -> NDArray[np.float64]:
    """3-8 twitches 60-250 ms apart, then quiet, so that the mean stays."""
    starts = rng.uniform(0, seconds, rng.poisson(seconds * per_s / 5.5))
    onsets = [start + np.cumsum(rng.uniform(0.06, 0.25, rng.integers(3, 9))) for start in starts]
    every = np.sort(np.concatenate(onsets)) if onsets else np.zeros(0)
    return np.asarray(every[every < seconds])


def tell(sizes: Sizes) -> Results:
    """The matrix and the trains."""
    findings = Results()
    findings.tables.append(_matrix(sizes))
    rows = []
    for number, (name, clustered) in enumerate((("uneven (Poisson)", False), ("in flurries", True))):
        rng = np.random.default_rng([sizes.seed + _OWN + 10, number])
        signal = train(rng, sizes.trains_s, clustered=clustered)
        detection = Scene(counts(signal)).detect()
        starts_s = np.arange(0, sizes.trains_s - WINDOW_S, WINDOW_S)
        tremulous = covered(detection, starts_s)
        low, high = interval(int(tremulous.sum()), len(tremulous))
        wrong = 100 * tremulous.mean()
        found = ", ".join(f"{detection.count(kind)} {name}" for kind, name in KINDS.items())
        rows.append((name, str(len(tremulous)), f"{wrong:.1f} ({100 * low:.1f}-{100 * high:.1f})", found))
        findings.bars.append(
            Bar(
                f"twitches at 4/s, {name}, mistaken for tremor",
                "<= 1 % of windows",
                f"{wrong:.1f} % ({100 * low:.1f}-{100 * high:.1f}) of {len(tremulous)}",
                bool(wrong <= 1),
                MODELLED,
            )
        )
    head = ("twitches at 4/s", "windows", "tremor %", "events reported")
    findings.tables.append(Table("Trains of twitches that are not tremor", MODELLED, head, tuple(rows)))
    return findings


def _matrix(sizes: Sizes) -> Table:
    columns = (*KINDS.values(), "tremor", "nothing")
    draws = {"twitch": twitch, "jerk": jerk, "spasm": spasm, "tremor": tremor, "movement": None}
    rows = []
    for number, (name, draw) in enumerate(draws.items()):
        signal, spans = scene_of(np.random.default_rng([sizes.seed + _OWN, number]), draw, sizes.kinds)
        detection = Scene(counts(signal)).detect()
        reported = [taken_for(detection, first, last) for first, last in spans]
        rows.append((name, *(f"{100 * reported.count(column) / len(reported):.0f}" for column in columns)))
    head = ("modelled \\ reported, %", *columns)
    return Table(f"Which kind is reported as which ({sizes.kinds} of each)", MODELLED, head, tuple(rows))
