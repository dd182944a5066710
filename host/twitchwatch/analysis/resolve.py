"""Which bursts belonged to a tremor or a movement not yet recognised, and which bouts are parts of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from twitchwatch.shared.protocol.records import MOVEMENT, REASON_VIGOROUS, Tremor

# The detector counts samples modulo 2^30: 119 days at 104 Hz.
_WRAP = 0x3FFFFFFF
# Tremor.flags: this record continues the bout of the one before.
CONTINUED = 1
# And: its line is too steady for a hand, so it is a machine's and not a tremor.
MACHINE = 2
# Frequencies within this are one tremor, of which a mean can be stated: the windows of a single bout may
# differ by 0.75 Hz, and a person's tremor from one bout to the next by as much.
ALIKE_HZ = 1.0
# The first and the last swings of a bout are weaker than half of its greatest, and may lie outside.
EDGE_S = 1.85
# The turn of gravity shows a second after the muscles began to turn the hand.
BEFORE_MOVEMENT_S = 1.0


class Burst(Protocol):
    """What an event must provide; `records.Event` does."""

    @property
    def sample(self) -> int:
        """Index of the onset in its boot."""

    @property
    def kind(self) -> int:
        """TWITCH, JERK, SPASM or MOVEMENT of `records`."""

    @property
    def reason(self) -> int:
        """The reason for its kind, from `records`."""

    @property
    def duration_ms(self) -> int:
        """How long it lasted."""


class Bout(Protocol):
    """What a tremor bout must provide; `records.Tremor` does."""

    @property
    def sample(self) -> int:
        """Index of the onset in its boot."""

    @property
    def duration_ms(self) -> int:
        """From the first rhythmic window to the last."""


class Part(Bout, Protocol):
    """What a part of a bout must provide; `records.Tremor` does."""

    @property
    def flags(self) -> int:
        """CONTINUED if it continues the previous one, MACHINE if it is not a hand's."""

    @property
    def frequency_milli_hz(self) -> int:
        """Mean frequency."""


BurstT = TypeVar("BurstT", bound=Burst)
BoutT = TypeVar("BoutT", bound=Bout)
PartT = TypeVar("PartT", bound=Part)


@dataclass(frozen=True, slots=True)
class Absorbed(Generic[BurstT, BoutT]):
    """An event that belongs to a bout or a movement and is not counted on its own."""

    event: BurstT
    by: BoutT | BurstT
    reason: str


@dataclass(frozen=True, slots=True)
class Resolution(Generic[BurstT, BoutT]):
    """Events that count on their own, and those that were absorbed, each in their given order."""

    events: list[BurstT]
    absorbed: list[Absorbed[BurstT, BoutT]]


def resolve(
    events: Iterable[BurstT], bouts: Sequence[BoutT], *, rate_hz: float = 104.0
) -> Resolution[BurstT, BoutT]:
    """Assign each burst whose onset is in a tremor bout, or in or just before a movement, to that.

    events, bouts: of one boot, dated by sample index at `rate_hz`. The detector reports a burst at once, but
    recognises a tremor only after its second rhythmic window, about 6 s in: what it reported until then were
    the tremor's own swings. A movement stays one, unless only its vigour made it one; the burst that starts
    it is not a twitch.
    """
    edge = round(EDGE_S * rate_hz)
    spans = [
        (bout, bout.sample - edge, round(bout.duration_ms * rate_hz / 1000) + 2 * edge) for bout in bouts
    ]
    events = list(events)
    before = round(BEFORE_MOVEMENT_S * rate_hz)
    moves = [
        (event, event.sample - before, round(event.duration_ms * rate_hz / 1000) + before)
        for event in events
        if event.kind == MOVEMENT
    ]
    kept: list[BurstT] = []
    absorbed: list[Absorbed[BurstT, BoutT]] = []
    for event in events:
        own = event.kind == MOVEMENT and event.reason != REASON_VIGOROUS
        home = None
        if not own:
            home = next((bout for bout, start, span in spans if (event.sample - start) & _WRAP <= span), None)
        if home is not None:
            absorbed.append(Absorbed(event, home, "its onset is within a tremor bout"))
            continue
        move = None
        if event.kind != MOVEMENT:
            move = next((one for one, start, span in moves if (event.sample - start) & _WRAP <= span), None)
        if move is not None:
            absorbed.append(Absorbed(event, move, "a movement begins with it"))
        else:
            kept.append(event)
    return Resolution(kept, absorbed)


def whole_bouts(parts: Iterable[PartT], *, rate_hz: float = 104.0) -> list[list[PartT]]:
    """Group the bouts of one boot, in order: the detector reports a long tremor in overlapping parts.

    A part whose predecessor is missing (lost on the way) begins a new bout; so does one that is a machine's
    after one that is not, or whose frequency is unlike that of the bout's other parts.
    """
    bouts: list[list[PartT]] = []
    for part in parts:
        if part.flags & CONTINUED and bouts:
            before = bouts[-1][-1]
            rates = [each.frequency_milli_hz for each in (*bouts[-1], part)]
            if (
                (part.sample - before.sample) & _WRAP <= round(before.duration_ms * rate_hz / 1000)
                and max(rates) - min(rates) <= ALIKE_HZ * 1000
                and (part.flags ^ before.flags) & MACHINE == 0
            ):
                bouts[-1].append(part)
                continue
        bouts.append([part])
    return bouts


def joined(parts: Sequence[Tremor], *, rate_hz: float = 104.0) -> Tremor:
    """One bout from its parts: from the first one's start to the last one's end, means by duration."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return first
    total_ms: int = sum(part.duration_ms for part in parts)

    def mean(name: str) -> int:
        summed: int = sum(getattr(part, name) * part.duration_ms for part in parts)
        return round(summed / total_ms)

    duration_ms = round(((last.sample - first.sample) & _WRAP) * 1000 / rate_hz) + last.duration_ms
    frequency_milli_hz = mean("frequency_milli_hz")
    return first._replace(
        duration_ms=duration_ms,
        frequency_milli_hz=frequency_milli_hz,
        spread_milli_hz=mean("spread_milli_hz"),
        amplitude_ug=mean("amplitude_ug"),
        peak_ug=max(part.peak_ug for part in parts),
        cycles=duration_ms * frequency_milli_hz // 1_000_000,
    )
