"""Minutes: a night's epoch records with their times, usable parts, and losses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from twitchwatch.analysis.contract import RING, Contract
from twitchwatch.analysis.detection_limit import detection_limit_mg
from twitchwatch.analysis.input import UNUSABLE
from twitchwatch.analysis.live_rate import CLASSES, COUNTED_AS
from twitchwatch.shared.detector.words import unusable
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.records import Record

# A minute is a count of samples, and the sensor's own rate may be some percent off its nominal one.
HOLE_US = 10_000_000


@dataclass(frozen=True, slots=True)
class NightMinute:
    """One epoch record with its time; only its time at rest is usable.

    boot: log and start of the sensor that it belongs to. known_share: share of known shapes among the
    unexplained bursts of its night (`live_rate`). contract: what its sensor delivers, None if unknown.
    """

    start_us: int
    boot: tuple[int, int]
    body: protocol.Epoch
    known_share: float = 0.0
    contract: Contract | None = RING

    @property
    def limit_mg(self) -> float | None:
        """The smallest twitch that could be seen in its noise; None without rest, or if that is unknown."""
        if self.contract is None or not self.body.rest_ms:
            return None
        return detection_limit_mg(self.contract, self.body.noise_ug / 1000)

    @property
    def end_us(self) -> int:
        """UTC, microseconds."""
        b = self.body
        spent_ms = b.rest_ms + b.moving_ms + b.not_worn_ms + b.lost_ms + b.unusable_ms
        return self.start_us + 1000 * int(spent_ms)

    @property
    def worn(self) -> bool:
        """Whether the sensor was on a hand, as far as it can detect."""
        return bool(self.body.flags != protocol.NOT_WORN)

    @property
    def wear(self) -> int:
        """WORN, NOT_WORN of `records`, or 0 if noise hides the difference."""
        return int(self.body.flags)

    @property
    def moving_ms(self) -> int:
        """Time in motion."""
        return int(self.body.moving_ms)

    @property
    def still_ms(self) -> int:
        """Time at rest, tremor included."""
        return int(self.body.rest_ms)

    @property
    def seen_ms(self) -> int:
        """Time in which a twitch could have been seen: at rest and not hidden by tremor."""
        return int(max(0, self.body.rest_ms - self.body.tremor_ms))

    @property
    def counted(self) -> bool:
        """Whether it has the counts of bursts and live time; sensors of earlier versions had none."""
        return bool(self.body.live_ms != protocol.LIVE_UNKNOWN)

    @property
    def live_ms(self) -> int:
        """Time in which a twitch could have been reported: `seen_ms` without blind time and open bursts.

        All of `seen_ms` if that was not counted.
        """
        return min(int(self.body.live_ms), self.seen_ms) if self.counted else self.seen_ms

    @property
    def exposure_ms(self) -> float:
        """Time over which a count of twitches is a rate: live time times its share of the time seen.

        At most the share of bursts that show no shape is attributed to merging. That is the lower
        end of the range (`live_rate.Live.low_per_h`), minute by minute; without counts, `seen_ms`.
        """
        live_ms = self.live_ms
        return live_ms * max(live_ms / self.seen_ms, self.known_share) if live_ms else 0.0

    @property
    def mistrusted(self) -> bool:
        """Whether nothing in it counts because the sensor's settings were wrong."""
        return bool(self.body.input & UNUSABLE)


def minute_of(
    start_us: int, record: Record, log_id: int = 0, contract: Contract | None = RING
) -> NightMinute:
    """An epoch record as a minute; one whose samples cannot be trusted has no rest, motion or wear."""
    body = record.body
    if body.input & UNUSABLE:
        counted = body.live_ms != protocol.LIVE_UNKNOWN
        nothing = protocol.Epoch(*unusable(tuple(body), 0))
        body = nothing if counted else protocol.Epoch(*nothing[:19], *body[19:])
    return NightMinute(start_us, (log_id, record.boot_id), body, contract=contract)


def uncounted(minute: NightMinute) -> NightMinute:
    """The same without live time and counts of bursts."""
    counted = zip((*COUNTED_AS.values(), "live_ms"), protocol.UNCOUNTED, strict=True)
    return replace(minute, body=minute.body._replace(**dict(counted)))


def bursts_of(minutes: Iterable[NightMinute]) -> list[int]:
    """Bursts of counted minutes, in the order of `live_rate.CLASSES`; unworn, all were disturbances."""
    counts = [0] * len(CLASSES)
    for minute in minutes:
        own = [getattr(minute.body, name) for name in COUNTED_AS.values()]
        if not minute.worn:
            own = [*[0] * (len(own) - 1), sum(own)]
        counts = [so_far + new for so_far, new in zip(counts, own, strict=True)]
    return counts


class Mistrust:
    """The times in a night at which the sensor's results cannot be trusted."""

    def __init__(self, minutes: Iterable[NightMinute]) -> None:
        self._spans = [(minute.start_us, minute.end_us) for minute in minutes if minute.mistrusted]

    def at(self, utc_us: int) -> bool:
        """Whether that time is in such a minute."""
        return any(start <= utc_us < end for start, end in self._spans)


def losses(minutes: Sequence[NightMinute]) -> tuple[int, int, float]:
    """Microseconds lost and off, and the observed share of the worn time."""
    worn = [minute for minute in minutes if minute.worn]
    first_us = min((minute.start_us for minute in worn), default=0)
    last_us = max((minute.end_us for minute in worn), default=0)
    lost = off = unseen = 0
    for minute in minutes:
        missed = 1000 * minute.body.lost_ms
        lost += missed
        if first_us <= minute.start_us < last_us:
            unseen += missed
    for before, after in pairwise(minutes):
        hole = after.start_us - before.end_us
        if hole <= HOLE_US:
            continue
        within = before.start_us >= first_us and after.end_us <= last_us
        unseen += hole * within
        if before.boot == after.boot:
            lost += hole
        else:
            off += hole * within
    span = last_us - first_us
    return lost, off, max(0.0, 1 - unseen / span) if span else 0.0


def median_noise_mg(epochs: Iterable[protocol.Epoch]) -> float | None:
    """Median noise over the rest time (rms of one axis); None without rest."""
    median_ug = _median((epoch.noise_ug, epoch.rest_ms) for epoch in epochs)
    return None if median_ug is None else median_ug / 1000


def median_limit_mg(minutes: Iterable[NightMinute]) -> float | None:
    """Median over the rest time of the smallest twitch that could be seen; None if that is not known."""
    limits = ((minute.limit_mg, minute.body.rest_ms) for minute in minutes)
    return _median((limit_mg, rest_ms) for limit_mg, rest_ms in limits if limit_mg is not None)


def _median(weighted: Iterable[tuple[float, int]]) -> float | None:
    """Of values with weights; None if no weight is positive."""
    ordered = sorted((value, weight) for value, weight in weighted if weight > 0)
    half = sum(weight for _, weight in ordered) / 2
    so_far = 0
    for value, weight in ordered:
        so_far += weight
        if so_far >= half:
            return float(value)
    return None
