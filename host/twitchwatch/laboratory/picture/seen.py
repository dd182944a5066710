"""What a picture shows of a recording, taken from its samples: little enough to be kept for many."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.laboratory.examining import Examined
from twitchwatch.recording.detection import Detection
from twitchwatch.recording.model import LSB_MG, SAMPLE_RATE_HZ, Recording, Segment
from twitchwatch.shared.protocol.records import MOVEMENT, Event, Tremor
from twitchwatch.shared.protocol.snippets import BEFORE, COUNT

COLUMNS = 1100
"""Of the strip: one for each of its pixels."""

_GRAVITY_S = 0.62
_PIECE = 3600 * SAMPLE_RATE_HZ
_AROUND_S = 6.0
_WINDOW, _STEP = 384, 48
_MOST_HZ = 16.0
_MOST_FRAMES = 480
_LONGEST_S = 1800.0


@dataclass(frozen=True, slots=True)
class Shape:
    """The waveform of an event: motion_mg (64, 3) from 16 samples before it on; None if one is missing."""

    event: Event
    motion_mg: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Power around a bout, dB over its median: (frequencies, frames), start_s to end_s, 0 to 16 Hz."""

    bout: Tremor
    start_s: float
    end_s: float
    power_db: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Seen:
    """A recording for a picture. low_mg, high_mg: of each column, median and greatest motion, NaN in a gap.

    events, bouts: how many there are; shapes, spectra may be fewer.
    """

    found: Detection
    site: str | None
    low_mg: NDArray[np.float32]
    high_mg: NDArray[np.float32]
    shapes: tuple[Shape, ...]
    spectra: tuple[Spectrum, ...]
    events: int
    bouts: int


def seen_in(one: Examined, site: str | None, most_shapes: int, most_spectra: int) -> Seen:
    """Take from a recording what its picture shows: the events of `spread`, and its longest bouts."""
    recording, found = one.recording, one.found
    bursts = [event for event in found.events if event.kind != MOVEMENT]
    longest = sorted(found.bouts, key=lambda bout: -bout.duration_ms)[:most_spectra]
    low_mg, high_mg = _envelope(recording)
    starts = [segment.start_sample for segment in recording.segments]
    return Seen(
        found,
        site,
        low_mg,
        high_mg,
        tuple(Shape(event, _motion(recording, starts, event)) for event in spread(bursts, most_shapes)),
        tuple(
            spectrum
            for bout in sorted(longest, key=lambda bout: bout.sample)
            if (spectrum := _spectrum(recording, starts, bout)) is not None
        ),
        len(bursts),
        len(found.bouts),
    )


def spread(events: Sequence[Event], most: int) -> list[Event]:
    """At most this many of them, evenly over their order, with the largest of each kind."""
    if len(events) <= most:
        return list(events)
    largest: dict[int, int] = {}
    for at, event in enumerate(events):
        if event.kind not in largest or event.peak_ug > events[largest[event.kind]].peak_ug:
            largest[event.kind] = at
    kept = set(list(largest.values())[:most])
    kept |= {round(at) for at in np.linspace(0, len(events) - 1, most - len(kept))}
    return [events[at] for at in sorted(kept)]


def _pieces(recording: Recording) -> Iterator[Segment]:
    for segment in recording.segments:
        for first in range(0, len(segment.samples), _PIECE):
            yield segment.piece(first, first + _PIECE)


def _envelope(recording: Recording) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of each column the median and the greatest deviation from the mean of half a second around."""
    edges = np.linspace(0, recording.end_sample, COLUMNS + 1)
    high = np.full(COLUMNS, np.nan, np.float32)
    sums, counts = np.zeros(COLUMNS), np.zeros(COLUMNS)
    span = round(_GRAVITY_S * SAMPLE_RATE_HZ)
    for piece in _pieces(recording):
        values = piece.samples.astype(np.float32) * np.float32(LSB_MG)
        motion = np.linalg.norm(values - _mean(values, span), axis=1)
        columns = np.searchsorted(edges, np.arange(piece.start_sample, piece.end_sample), side="right") - 1
        columns = columns.clip(0, COLUMNS - 1)
        np.fmax.at(high, columns, motion)
        sums += np.bincount(columns, motion, COLUMNS)
        counts += np.bincount(columns, minlength=COLUMNS)
    with np.errstate(invalid="ignore"):
        return (sums / np.where(counts, counts, np.nan)).astype(np.float32), high


def _mean(values: NDArray[np.float32], span: int) -> NDArray[np.float32]:
    """The running mean of (n, 3) over 2 x span + 1 samples, fewer at the ends."""
    sums = np.vstack([np.zeros((1, 3)), np.cumsum(values, axis=0, dtype=np.float64)])
    at = np.arange(len(values))
    first, end = np.maximum(at - span, 0), np.minimum(at + span + 1, len(values))
    mean: NDArray[np.float32] = ((sums[end] - sums[first]) / (end - first)[:, None]).astype(np.float32)
    return mean


def _within(recording: Recording, starts: Sequence[int], first: int, count: int) -> NDArray[np.int16] | None:
    segment = recording.segments[max(0, bisect_right(starts, first) - 1)]
    at = first - segment.start_sample
    return segment.samples[at : at + count] if 0 <= at <= len(segment.samples) - count else None


def _motion(recording: Recording, starts: Sequence[int], event: Event) -> NDArray[np.float32] | None:
    samples = _within(recording, starts, event.sample - BEFORE, COUNT)
    if samples is None:
        return None
    motion = samples.astype(np.float32) * np.float32(LSB_MG)
    level: NDArray[np.float32] = np.median(motion[: BEFORE - 2], axis=0).astype(np.float32)
    return motion - level


def _spectrum(recording: Recording, starts: Sequence[int], bout: Tremor) -> Spectrum | None:
    """Sum of the axes' power in windows of 3.7 s, from before the bout until after it, if it has samples."""
    around = round(_AROUND_S * SAMPLE_RATE_HZ)
    length = round(min(bout.duration_ms / 1000, _LONGEST_S) * SAMPLE_RATE_HZ)
    segment = recording.segments[max(0, bisect_right(starts, bout.sample) - 1)]
    first = max(segment.start_sample, bout.sample - around)
    end = min(segment.end_sample, bout.sample + length + around)
    if end - first < _WINDOW:
        return None
    samples = segment.samples[first - segment.start_sample : end - segment.start_sample]
    values = samples.astype(np.float64) * LSB_MG
    # 40 MB, and most runs draw nothing.
    from scipy.signal import spectrogram

    frequency, times, power = spectrogram(
        values - values.mean(axis=0), SAMPLE_RATE_HZ, nperseg=_WINDOW, noverlap=_WINDOW - _STEP, axis=0
    )
    total = power.sum(axis=1)[(frequency > 0) & (frequency <= _MOST_HZ)]
    every = -(-total.shape[1] // _MOST_FRAMES)
    total = total[:, : total.shape[1] // every * every].reshape(len(total), -1, every).mean(axis=2)
    level = 10 * np.log10(np.maximum(total, 1e-9))
    half = _WINDOW / 2 / SAMPLE_RATE_HZ
    start_s = first / SAMPLE_RATE_HZ
    return Spectrum(
        bout,
        start_s + float(times[0]) - half * _STEP / _WINDOW,
        start_s + float(times[0]) + half * _STEP / _WINDOW + float(times[-1] - times[0]),
        (level - np.median(level)).astype(np.float32),
    )
