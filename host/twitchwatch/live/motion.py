"""Raw samples as motion: gravity removed, and pushes found, sample by sample."""

from __future__ import annotations

import math
from collections.abc import Sequence

from twitchwatch.shared.protocol.actions import Captured
from twitchwatch.views.live import LiveSamplesView, LiveTapView

# Gravity is what remains of half a second: a push of 50 ms loses a tenth, a turned hand is over in a second.
GRAVITY_S = 0.5
# The first samples find gravity, and draw nothing that was no motion.
SETTLING_S = 1.0
# A finger on the ring gives several hundred mg; twitches that the detector counts are rarely above 100.
PUSH_MG = 150.0
# A push is over when it was quiet for so long.
QUIET_S = 0.15
# Modulo of sample indices.
_INDICES = 1 << 30


class Motion:
    """The motion of one sensor from one connection."""

    def __init__(self, hardware_id: str) -> None:
        self._hardware_id = hardware_id
        self._gravity: list[float] = []
        self._next = 0
        self._seen = 0
        self._peak_mg = 0.0
        self._quiet = 0

    def take(self, captured: Captured) -> tuple[LiveSamplesView | None, list[LiveTapView]]:
        """Motion of one frame, and pushes that ended in it; None for a frame that holds nothing new."""
        first, _, rate_milli_hz, lsb_nano_g, _, axes = captured.head
        size = len(captured.samples)
        if axes not in (3, 6) or rate_milli_hz == 0 or size == 0 or size % (2 * axes):
            return None, []
        # The rotation follows the acceleration of all samples.
        values = memoryview(captured.samples).cast("h")[: size // 2 * 3 // axes]
        lost = (first - self._next) % _INDICES if self._gravity else 0
        if lost > _INDICES // 2:
            # It was sent twice, or the sensor restarted.
            self._next = (first + len(values) // 3) % _INDICES
            self._gravity, self._seen = [], 0
            return None, []
        self._next = (first + len(values) // 3) % _INDICES
        rate_hz, unit_mg = rate_milli_hz / 1000, lsb_nano_g / 1e6
        columns: tuple[list[float], ...] = ([], [], [])
        taps = []
        for at in range(0, len(values), 3):
            moved = self._moved([values[at + axis] * unit_mg for axis in range(3)], rate_hz)
            for column, value in zip(columns, moved, strict=True):
                column.append(round(value, 1))
            if (peak_mg := self._pushed(math.hypot(*moved), rate_hz)) is not None:
                taps.append(LiveTapView("live_tap", self._hardware_id, round(peak_mg, 1)))
        return LiveSamplesView("live_samples", self._hardware_id, rate_hz, lost, *columns), taps

    def _moved(self, sample_mg: Sequence[float], rate_hz: float) -> list[float]:
        if not self._gravity:
            self._gravity = list(sample_mg)
        # Below 2 Hz the mean would swing ever higher; a damaged frame may state any rate.
        share = min(1.0, 1 / (GRAVITY_S * rate_hz))
        moved = [one - rest for one, rest in zip(sample_mg, self._gravity, strict=True)]
        self._gravity = [rest + share * one for rest, one in zip(self._gravity, moved, strict=True)]
        return moved

    def _pushed(self, size_mg: float, rate_hz: float) -> float | None:
        """The peak of a push that is over with this sample."""
        self._seen += 1
        if size_mg >= PUSH_MG and self._seen > SETTLING_S * rate_hz:
            self._peak_mg, self._quiet = max(self._peak_mg, size_mg), 0
            return None
        self._quiet += 1
        if not self._peak_mg or self._quiet < QUIET_S * rate_hz:
            return None
        peak_mg, self._peak_mg = self._peak_mg, 0.0
        return peak_mg
