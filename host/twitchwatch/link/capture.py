"""Raw samples from a sensor: ordered, counted, and scaled to g and degrees a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twitchwatch.shared.protocol.actions import Captured

# Modulo of sample indices.
_INDICES = 1 << 30


@dataclass(frozen=True, slots=True)
class Piece:
    """One frame: `samples` (n, 3 or 6) int16 from index `first` on."""

    first: int
    samples: NDArray[np.int16]


class Capture:
    """Collects `seconds` of samples; samples lost in transit are counted and leave a gap in the times."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pieces: list[Piece] = []
        self._rate_hz = 0.0
        self._lsb_g = 0.0
        self._lsb_dps = 0.0
        self.device = ""
        self.lost = 0

    @property
    def samples(self) -> int:
        """How many have arrived."""
        return sum(len(piece.samples) for piece in self._pieces)

    @property
    def seconds(self) -> float:
        """From the first sample to the last."""
        return (self.samples + self.lost) / self._rate_hz if self._rate_hz else 0.0

    @property
    def axes(self) -> int:
        """Three, or six with a gyroscope."""
        return self._pieces[0].samples.shape[1] if self._pieces else 0

    def take(self, captured: Captured) -> bool:
        """Add one frame; False once there is enough. A frame of another capture is ignored."""
        first, _, rate_milli_hz, lsb_nano_g, lsb_micro_dps, axes = captured.head
        size = len(captured.samples)
        if axes not in (3, 6) or rate_milli_hz == 0 or size == 0 or size % (2 * axes):
            return True
        blocks = np.frombuffer(captured.samples, "<i2").reshape(axes // 3, -1, 3)
        samples = np.concatenate(list(blocks), axis=1)
        if self._pieces:
            before = self._pieces[-1]
            hole = (first - before.first - len(before.samples)) % _INDICES
            if hole > _INDICES // 2 or samples.shape[1] != before.samples.shape[1]:
                # Restarted, or repeated.
                return True
            self.lost += hole
        self._rate_hz, self._lsb_g = rate_milli_hz / 1000, lsb_nano_g / 1e9
        self._lsb_dps = lsb_micro_dps / 1e6
        self._pieces.append(Piece(first, samples))
        return self.seconds < self._seconds

    def columns(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64] | None]:
        """T (n,) in s from the first sample, acceleration (n, 3) in g, turning (n, 3) in deg/s or None."""
        begin = self._pieces[0].first
        index = np.concatenate(
            [(piece.first - begin) % _INDICES + np.arange(len(piece.samples)) for piece in self._pieces]
        )
        values = np.concatenate([piece.samples for piece in self._pieces]).astype(float)
        turning = values[:, 3:] * self._lsb_dps if self.axes == 6 else None
        return index / self._rate_hz, values[:, :3] * self._lsb_g, turning
