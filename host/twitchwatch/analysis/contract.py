"""What a sensor and its recording can show: one object that the detector, nights and reports read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from twitchwatch.shared.detector.parameters import LSB_NANO_G, SAMPLE_RATE_HZ

SLOWEST_HZ = 45.0
"""Below this, half the rate cuts into the detector's band of 9.4 to 28 Hz (docs/detector.md): still hands
then show twitches, and real twitches are missed."""

MOST_LOST = 0.175
"""With more samples lost at random, their replacements look like twitches: with a fifth, a still hand has one
an hour."""

MOST_LOST_AT_RING = 0.35
"""On a slow sensor a few lost samples are most of a twitch; see `Contract.lost_at_ring`."""

SOURCE_CONTRACT = 254
"""Of a settings record, `what`: its tail is the contract of an imported recording. No firmware has it."""

CONTRACT_VERSION = 1

Stamps = Literal["counted", "own", "batches"]
"""Times follow from a stated rate; each sample has its own; several share the time of their arrival."""

Blind = Literal["rate", "band", "lost"]
"""Why no twitch can be seen: too few samples a second; more samples than information; too many lost."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What a sensor delivers; measured from its samples, unless stated.

    rate_hz: samples a second. band_hz: the spectrum reaches up to here; far below half the rate if samples
    were interpolated from fewer. step_mg: smallest difference between values, 0 if none can be seen. range_g:
    largest value that it can report. noise_mg: at the quietest, rms of an axis over 52 Hz, without the noise
    that we add. slope: exponent of the floor's density over frequency, 0 for white noise; levelled: noise was
    added from 10 Hz on, so that it no longer matters. late_ms: rms by which stamps are late. lost: share of
    samples that are missing. site: where it is worn, as stated.
    """

    rate_hz: float
    band_hz: float
    step_mg: float = 0.0
    range_g: float = 4.0
    noise_mg: float = 0.0
    slope: float = 0.0
    levelled: bool = False
    stamps: Stamps = "counted"
    late_ms: float = 0.0
    lost: float = 0.0
    site: str | None = None

    @property
    def true_rate_hz(self) -> float:
        """The rate at which as much would be known."""
        return min(self.rate_hz, 2 * self.band_hz)

    @property
    def lost_at_ring(self) -> float:
        """The share lost that would cost as much at the ring's rate: longer holes are worse (fitted)."""
        return float(self.lost * (SAMPLE_RATE_HZ / self.true_rate_hz) ** 1.5)

    @property
    def blind(self) -> Blind | None:
        """Why no twitch can be seen, if none can; tremor can."""
        if self.rate_hz < SLOWEST_HZ:
            return "rate"
        if self.true_rate_hz < SLOWEST_HZ:
            return "band"
        return "lost" if self.lost > MOST_LOST or self.lost_at_ring > MOST_LOST_AT_RING else None

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def contract_of(plain: dict[str, Any]) -> Contract:
    """Back from `plain`; what a later version added is left out."""
    known = {field.name for field in fields(Contract)}
    return Contract(**{name: value for name, value in plain.items() if name in known})


RING = Contract(float(SAMPLE_RATE_HZ), SAMPLE_RATE_HZ / 2, step_mg=LSB_NANO_G / 1e6)
"""The ring's own chip; its noise is in each minute's record."""
