"""The file from which the simulated IMU samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twitchwatch.recording import Recording


def write_samples(path: str | Path, source: Recording | NDArray[np.int16]) -> list[list[int]]:
    """Write int16 x y z, little-endian, interleaved, without a header; returns the gaps as [first sample,
    count].

    Only real samples are written, the segments back to back; a gap's first sample is its place on the 104 Hz
    timeline. Raises OSError if the file cannot be written.
    """
    stretches = (
        [segment.samples for segment in source.segments] if isinstance(source, Recording) else [source]
    )
    with Path(path).open("wb") as file:
        for samples in stretches:
            file.write(np.ascontiguousarray(samples, dtype="<i2").data)
    return [list(gap) for gap in source.gap_samples] if isinstance(source, Recording) else []
