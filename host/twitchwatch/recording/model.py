"""A recording on the sensor's own timeline: stretches of samples, and the holes between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from twitchwatch.analysis.contract import Contract
from twitchwatch.recording.spool import release

SAMPLE_RATE_HZ = 104
"""Output data rate of the sensor (LSM6DS3TR-C datasheet, ODR table)."""

LSB_MG = 0.122
"""Weight of one count at a full scale of +-4 g (LSM6DS3TR-C datasheet, linear acceleration sensitivity)."""

RANGE_G = 4.0
"""Full scale of the sensor."""


@dataclass(frozen=True, eq=False, slots=True)
class Segment:
    """A stretch without a gap: `samples` int16 (n, 3) in LSB, `gyro_dps` float32 (n, 3) or None.

    Those of a long recording are mapped from a temporary file; `piece` takes a part into memory.

    `start_sample` counts at 104 Hz from the recording's first time stamp.
    """

    start_sample: int
    samples: NDArray[np.int16]
    gyro_dps: NDArray[np.float32] | None = None

    @property
    def end_sample(self) -> int:
        """First sample number after the segment."""
        return self.start_sample + len(self.samples)

    @property
    def start_s(self) -> float:
        """Seconds from the recording's first time stamp."""
        return self.start_sample / SAMPLE_RATE_HZ

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / SAMPLE_RATE_HZ

    def piece(self, first: int, end: int) -> Segment:
        """A copy of samples first:end; the memory of the whole, if it is mapped from a file, is released."""
        gyro = None if self.gyro_dps is None else self.gyro_dps[first:end].copy()
        made = Segment(self.start_sample + first, self.samples[first:end].copy(), gyro)
        release(self.samples)
        if self.gyro_dps is not None:
            release(self.gyro_dps)
        return made


@dataclass(frozen=True, eq=False, slots=True)
class Recording:
    """The content of one file or array; at least one segment, in chronological order.

    `interpolated` names the holes of at most one second that were bridged, as (start_s, duration_s). Nothing
    was measured there, so they are not evidence of rest. format: how the file was read. start: the moment
    of the first sample, aware if its offset is known, None if the file has no date. notices: what was
    recognised, converted or left out, a sentence each. contract: what the sensor delivers; its share of lost
    samples is of those within segments, whether bridged or not.
    """

    source: str
    contract: Contract
    segments: tuple[Segment, ...]
    interpolated: tuple[tuple[float, float], ...] = ()
    format: str = ""
    start: datetime | None = None
    notices: tuple[str, ...] = ()

    @property
    def end_sample(self) -> int:
        """First sample number after the recording."""
        return self.segments[-1].end_sample

    @property
    def original_rate_hz(self) -> float:
        """Samples a second, before they were converted."""
        return self.contract.rate_hz

    @property
    def duration_s(self) -> float:
        """From the first sample to the end of the last, gaps included."""
        return self.end_sample / SAMPLE_RATE_HZ

    @property
    def interpolated_s(self) -> float:
        """Seconds bridged."""
        return sum(duration_s for _, duration_s in self.interpolated)

    @property
    def gap_samples(self) -> list[tuple[int, int]]:
        """Gaps as (first missing sample, count) on the 104 Hz timeline."""
        return [
            (before.end_sample, after.start_sample - before.end_sample)
            for before, after in pairwise(self.segments)
            if after.start_sample > before.end_sample
        ]

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """Gaps as (start_s, duration_s)."""
        return [(start / SAMPLE_RATE_HZ, count / SAMPLE_RATE_HZ) for start, count in self.gap_samples]
