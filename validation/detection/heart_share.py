"""The heart's share of the events reported on real hands: a test of the phase of events in the beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import butter, sosfiltfilt

from twitchwatch.recording import SAMPLE_RATE_HZ
from validation.detection import recordings
from validation.detection.entrants import BRIEF, OURS, Entrant, at_sensor
from validation.detection.scenes import Signal
from validation.tables import REAL, Bar, Mark, Results, Table

_BAND_HZ = (5.0, 15.0)
_SMOOTH_S = 0.05
_REACH_S = 8.0
_OUT_S = 0.3
_PERIODS_S = (0.5, 1.4)
_NEAR = 1 / 8
_DRAWS = 2000
_LEAST_P = 0.001

Rng = np.random.Generator


@dataclass(frozen=True)
class Phases:
    """cosines: of each event's phase in the beats around it, 1 on a beat; chance: of random times."""

    cosines: NDArray[np.float64]
    chance: NDArray[np.float64]

    @property
    def share(self) -> float:
        """Estimated share of events that are beats: the excess near a beat over chance."""
        near = np.cos(2 * np.pi * _NEAR)
        expected = float((self.chance > near).mean())
        return max(0.0, (float((self.cosines > near).mean()) - expected) / (1 - expected))

    @property
    def chance_p(self) -> float:
        """How often as many random times have a mean cosine as high."""
        rng = np.random.default_rng(0)
        means = rng.choice(self.chance, (_DRAWS, len(self.cosines))).mean(axis=1)
        return float((1 + (means >= self.cosines.mean()).sum()) / (1 + _DRAWS))


def envelope(acc_mg: Signal) -> NDArray[np.float64]:
    """Strength of 5-15 Hz, clipped at three times its median, so that no single burst sets the rhythm."""
    band = sosfiltfilt(butter(2, _BAND_HZ, "bandpass", fs=SAMPLE_RATE_HZ, output="sos"), acc_mg, axis=0)
    size = gaussian_filter1d(np.linalg.norm(band, axis=1), _SMOOTH_S * SAMPLE_RATE_HZ)
    return np.asarray(np.minimum(size, 3 * np.median(size)))


def cosine(strength: NDArray[np.float64], at: int) -> float | None:
    """Of the phase of sample `at` in the rhythm around it, itself left out; None too near an end."""
    reach, out = round(_REACH_S * SAMPLE_RATE_HZ), round(_OUT_S * SAMPLE_RATE_HZ)
    if at < reach or at + reach >= len(strength):
        return None
    around = strength[at - reach : at + reach + 1] - np.median(strength)
    around[reach - out : reach + out + 1] = 0
    least, most = (round(period_s * SAMPLE_RATE_HZ) for period_s in _PERIODS_S)
    again = np.correlate(around, around, "full")[len(around) - 1 :]
    period = least + int(again[least : most + 1].argmax())
    # The beats nearest to it, three on either side, folded onto one period with `at` as its start.
    places = np.arange(-3 * period, 3 * period + 1) + reach
    folded = np.bincount((places - reach) % period, weights=around[places], minlength=period)
    phase = 2 * np.pi * int(folded.argmax()) / period
    return float(np.cos(phase))


def phases(acc_mg: Signal, crests: NDArray[np.int64], rng: Rng) -> Phases:
    """Of events whose strongest moment is at these samples."""
    strength = envelope(acc_mg)
    random = rng.integers(0, len(strength), 20 * max(10, len(crests)))
    return Phases(*(np.array([c for c in (cosine(strength, int(at)) for at in times) if c is not None])
                    for times in (crests, random)))  # fmt: skip


def crests(acc_mg: Signal, onsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The strongest moment within 0.2 s after each onset."""
    strength = envelope(acc_mg)
    span = round(0.2 * SAMPLE_RATE_HZ)
    return np.array([at + int(strength[at : at + span].argmax()) for at in onsets if at < len(strength)], int)


def report_hands(results: Results, entrants: list[Entrant]) -> None:
    rows = []
    hands = recordings.hands("CTRL")
    for entrant in entrants:
        each = []
        for number, hand in enumerate(hands):
            onsets = entrant.report(at_sensor(hand.acc_mg)).starts(*BRIEF)
            each.append(phases(hand.acc_mg, crests(hand.acc_mg, onsets), np.random.default_rng(number)))
        whole = Phases(np.concatenate([e.cosines for e in each]), np.concatenate([e.chance for e in each]))
        if len(whole.cosines):
            p = whole.chance_p
            stated = f"{p:.3f}" if p >= _LEAST_P else f"< {_LEAST_P:g}"
            rows.append((entrant.name, str(len(whole.cosines)), f"{100 * whole.share:.0f} %", stated))
            what = "healthy hands: the heart's share of brief motions"
            results.marks.append(
                Mark(entrant.name, what, f"{100 * whole.share:.0f} % of {len(whole.cosines)}")
            )
            if entrant is OURS:
                results.bars.append(
                    Bar(
                        "healthy hands: heart's share of twitch + unlike",
                        "not more than chance (p >= 0.05)",
                        f"{100 * whole.share:.0f} % of {len(whole.cosines)} (p {stated})",
                        p >= 0.05,
                        REAL,
                    )
                )
    head = ("healthy hands, awake", "events", "the heart's share", "p of chance")
    results.tables.append(
        Table("Share of reported motions that coincide with the heartbeat", REAL, head, tuple(rows))
    )
