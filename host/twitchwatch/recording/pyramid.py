"""A whole recording at several scales: the smallest and the largest sample of each stretch, for charts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording.model import LSB_MG, SAMPLE_RATE_HZ, Recording, Segment

# Samples in a bin: of the samples themselves, and of each level above them. At 104 Hz a night of eight hours
# has 2.9 MB of bins, all levels together.
WIDTHS = (1, 16, 64, 256, 1024, 4096, 16384)
# Bins that are sent together: 12 KiB.
TILE = 1024
# A bin without samples: its smallest is above its largest.
EMPTY_LOW, EMPTY_HIGH = 32767, -32768
# So many samples of a mapped recording are in memory at a time.
_PIECE = 1 << 19


class Pyramid:
    """Bins (n, 6) int16 in LSB for each of WIDTHS: the smallest x y z, then the largest.

    Bins count on the recording's timeline, so those of a gap are empty.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._levels = {WIDTHS[1]: _lowest(recording, WIDTHS[1])}
        for finer, width in pairwise(WIDTHS[1:]):
            self._levels[width] = _coarser(self._levels[finer], width // finer)

    def tile(self, level: int, number: int) -> NDArray[np.int16]:
        """Bins number * TILE and the following of level `level`. Raises IndexError if there are none."""
        if not 0 <= level < len(WIDTHS):
            raise IndexError(level)
        first, end = number * TILE, min((number + 1) * TILE, -(-self.recording.end_sample // WIDTHS[level]))
        if not 0 <= first < end:
            raise IndexError(number)
        return self._samples(first, end) if level == 0 else self._levels[WIDTHS[level]][first:end]

    def swings_mg(self, span_s: int) -> list[float | None]:
        """Difference of largest and smallest, of the axis with most of it, in each span; None for a gap.

        span_s: even, so that a span is a number of bins.
        """
        width = WIDTHS[1]
        bins = self._levels[width]
        per_span = span_s * SAMPLE_RATE_HZ // width
        found: list[float | None] = []
        for first in range(0, len(bins), per_span):
            own = bins[first : first + per_span].astype(np.int32)
            low, high = own[:, :3].min(axis=0), own[:, 3:].max(axis=0)
            widest = int((high - low).max())
            found.append(None if widest < 0 else round(widest * LSB_MG, 1))
        return found

    def _samples(self, first: int, end: int) -> NDArray[np.int16]:
        made = _empty(end - first)
        for segment in self.recording.segments:
            begin, stop = max(first, segment.start_sample), min(end, segment.end_sample)
            if begin < stop:
                own = segment.samples[begin - segment.start_sample : stop - segment.start_sample]
                made[begin - first : stop - first] = np.concatenate((own, own), axis=1)
        return made


def _lowest(recording: Recording, width: int) -> NDArray[np.int16]:
    made = _empty(-(-recording.end_sample // width))
    for segment in recording.segments:
        for first in range(0, len(segment.samples), _PIECE):
            _fill(made, segment.piece(first, first + _PIECE), width)
    return made


def _fill(bins: NDArray[np.int16], piece: Segment, width: int) -> None:
    start, count = piece.start_sample, len(piece.samples)
    first, last = start // width, (start + count - 1) // width
    # The first bin may have begun with the segment before.
    begins = np.maximum(np.arange(first, last + 1) * width - start, 0)
    own = bins[first : last + 1]
    own[:, :3] = np.minimum(own[:, :3], np.minimum.reduceat(piece.samples, begins, axis=0))
    own[:, 3:] = np.maximum(own[:, 3:], np.maximum.reduceat(piece.samples, begins, axis=0))


def _coarser(bins: NDArray[np.int16], factor: int) -> NDArray[np.int16]:
    made = _empty(-(-len(bins) // factor))
    whole = _empty(len(made) * factor)
    whole[: len(bins)] = bins
    grouped = whole.reshape(len(made), factor, 6)
    made[:, :3] = grouped[:, :, :3].min(axis=1)
    made[:, 3:] = grouped[:, :, 3:].max(axis=1)
    return made


def _empty(count: int) -> NDArray[np.int16]:
    made = np.empty((count, 6), np.int16)
    made[:, :3], made[:, 3:] = EMPTY_LOW, EMPTY_HIGH
    return made
