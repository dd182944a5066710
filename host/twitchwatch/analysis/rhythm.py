"""Rhythm: a night's tremor bouts combined, and whether their waveforms confirm them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from twitchwatch.analysis.night import Night, TremorBout
from twitchwatch.analysis.resolve import ALIKE_HZ

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Name and limits in Hz (MDS 2018, Bhatia et al., Movement Disorders 33:75, and reviews); they overlap.
BANDS = (
    ("slow", 0.0, 3.0),
    ("rest tremor", 3.0, 7.0),
    ("essential tremor", 4.0, 12.0),
    ("physiological tremor", 8.0, 12.0),
)

# A bout stands out if most of its waveform's power within 1-15 Hz is this close to its frequency or to twice
# its frequency: the spectrum of a snippet of 2 s has no finer resolution.
LINE_HALF_WIDTH_HZ = 0.75
LINE_SHARE = 0.5
BAND_LOW_HZ, BAND_HIGH_HZ = 1.0, 15.0
# Shorter waveforms have too few cycles to distinguish a line from a burst.
MIN_WAVEFORM_S = 1.5


ValueT = TypeVar("ValueT")


class Timed(Protocol):
    """What can be averaged: duration, frequency and strength."""

    @property
    def frequency_hz(self) -> float:
        """Mean frequency."""

    @property
    def spread_hz(self) -> float:
        """Mean deviation from it."""

    @property
    def amplitude_mg(self) -> float:
        """Mean rms of the swing."""


TimedT = TypeVar("TimedT", bound=Timed)


@dataclass(frozen=True, slots=True)
class TremorRate:
    """Bouts of similar frequency. Means are weighted by duration; amplitude: rms of the swing.

    bands: every band that contains the frequency.
    """

    bouts: int
    total_s: float
    frequency_hz: float
    spread_hz: float
    amplitude_mg: float

    @property
    def bands(self) -> tuple[str, ...]:
        """Names of the tremor bands that contain its frequency."""
        return bands_of(self.frequency_hz)


@dataclass(frozen=True, slots=True)
class TremorEvidence:
    """A night's tremor; amplitudes are rms of the swing.

    rates: bouts of different frequency separately, the longest in total first. awake: bouts while the hand
    moved like a waking hand. confirmed, contradicted: bouts whose waveform shows the line, or does not; the
    others came without one.
    """

    bouts: int
    total_s: float
    longest_s: float
    rates: tuple[TremorRate, ...]
    peak_mg: float
    cycles: int
    first_utc_us: int
    last_utc_us: int
    seqs: tuple[int, ...]
    confirmed: int
    contradicted: int
    awake: int


def bands_of(frequency_hz: float) -> tuple[str, ...]:
    """Names of all the tremor bands that contain this frequency."""
    return tuple(name for name, low, high in BANDS if low <= frequency_hz <= high)


def alike(values: Iterable[ValueT], hz: Callable[[ValueT], float]) -> list[list[ValueT]]:
    """Group values by frequency, lowest first: each group lies within ALIKE_HZ.

    A wider group is divided at its widest gap.
    """
    found: list[list[ValueT]] = []
    left = [sorted(values, key=hz)]
    while left:
        group = left.pop()
        if len(group) < 2 or hz(group[-1]) - hz(group[0]) <= ALIKE_HZ:
            found += [group] if group else []
            continue
        at = max(range(1, len(group)), key=lambda i: hz(group[i]) - hz(group[i - 1]))
        left += [group[at:], group[:at]]
    return found


def rates_of(
    values: Sequence[TimedT], seconds: Callable[[TimedT], float], bouts: Callable[[TimedT], int]
) -> tuple[TremorRate, ...]:
    """One rate for each group of similar frequency, the longest in total first."""
    rates = []
    for group in alike([value for value in values if seconds(value) > 0], lambda value: value.frequency_hz):
        total_s = sum(map(seconds, group))

        shares = [seconds(value) / total_s for value in group]
        rates.append(
            TremorRate(
                bouts=sum(map(bouts, group)),
                total_s=total_s,
                frequency_hz=sum(s * v.frequency_hz for s, v in zip(shares, group, strict=True)),
                spread_hz=sum(s * v.spread_hz for s, v in zip(shares, group, strict=True)),
                amplitude_mg=sum(s * v.amplitude_mg for s, v in zip(shares, group, strict=True)),
            )
        )
    return tuple(sorted(rates, key=lambda rate: -rate.total_s))


def shows_line(waveform_mg: NDArray[np.float64], rate_hz: float, frequency_hz: float) -> bool | None:
    """Whether a waveform (samples x 3 axes, mg) oscillates at `frequency_hz`; None if it is too short.

    Power of all axes under a Hann window, so that the direction of the swing does not matter.
    """
    import numpy as np

    samples = len(waveform_mg)
    if samples < MIN_WAVEFORM_S * rate_hz:
        return None
    swing = (waveform_mg - waveform_mg.mean(axis=0)) * np.hanning(samples)[:, None]
    # Four times the length: bins fine enough that the line's width is not rounded away.
    power = (np.abs(np.fft.rfft(swing, 4 * samples, axis=0)) ** 2).sum(axis=1)
    hz = np.fft.rfftfreq(4 * samples, 1 / rate_hz)
    within = (hz >= BAND_LOW_HZ) & (hz <= BAND_HIGH_HZ)
    whole = power[within].sum()
    line = np.zeros_like(within)
    for centre in (frequency_hz, 2 * frequency_hz):
        line |= np.abs(hz - centre) <= LINE_HALF_WIDTH_HZ
    return bool(whole > 0 and power[within & line].sum() >= LINE_SHARE * whole)


def tremor_of(night: Night) -> TremorEvidence | None:
    """Evidence of tremor in one night; None without a bout.

    A bout that its waveform contradicts (`TremorBout.shown`) is counted as such and left out of the rest.
    """
    bouts: Sequence[TremorBout] = [bout for bout in night.bouts if bout.shown is not False]
    total_s = sum(bout.duration_s for bout in bouts)
    if not bouts or total_s <= 0:
        return None
    return TremorEvidence(
        bouts=len(bouts),
        total_s=total_s,
        longest_s=max(bout.duration_s for bout in bouts),
        rates=rates_of(bouts, lambda bout: bout.duration_s, lambda bout: 1),
        peak_mg=max(bout.peak_mg for bout in bouts),
        cycles=sum(bout.cycles for bout in bouts),
        first_utc_us=bouts[0].utc_us,
        last_utc_us=bouts[-1].utc_us,
        seqs=tuple(seq for bout in bouts for seq in bout.seqs),
        confirmed=sum(bout.shown is True for bout in bouts),
        contradicted=len(night.bouts) - len(bouts),
        awake=sum(night.awake_at(bout.utc_us) for bout in bouts),
    )


def pooled(nights: Sequence[TremorEvidence]) -> TremorEvidence:
    """Several nights' tremor as one; raises ValueError for none."""
    if not nights:
        raise ValueError("there is no night with tremor")
    rates = [rate for night in nights for rate in night.rates]
    return TremorEvidence(
        bouts=sum(night.bouts for night in nights),
        total_s=sum(night.total_s for night in nights),
        longest_s=max(night.longest_s for night in nights),
        rates=rates_of(rates, lambda rate: rate.total_s, lambda rate: rate.bouts),
        peak_mg=max(night.peak_mg for night in nights),
        cycles=sum(night.cycles for night in nights),
        first_utc_us=min(night.first_utc_us for night in nights),
        last_utc_us=max(night.last_utc_us for night in nights),
        seqs=tuple(seq for night in nights for seq in night.seqs),
        confirmed=sum(night.confirmed for night in nights),
        contradicted=sum(night.contradicted for night in nights),
        awake=sum(night.awake for night in nights),
    )
