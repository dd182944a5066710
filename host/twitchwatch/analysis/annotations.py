"""What the wearer's annotations change in a night: verdicts on events, and stretches that are left out.

The records stay as they are; a night with annotations is calculated twice, with and without them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from zlib import crc32

from twitchwatch.analysis.burst_classes import CLASS_OF
from twitchwatch.analysis.minutes import NightMinute
from twitchwatch.analysis.night import (
    AbsorbedEvent,
    Judged,
    Measured,
    NightEvent,
    TremorBout,
    Uncounted,
    WholeNight,
)

# Verdicts: what the wearer says an event was, or was not.
TWITCH, NO_TWITCH, TREMOR, NO_TREMOR = "twitch", "no_twitch", "tremor", "no_tremor"
OF_EVENTS, OF_BOUTS = (TWITCH, NO_TWITCH), (TREMOR, NO_TREMOR)
LEFT_OUT = "left_out"
MS_A_HOUR = 3_600_000
# 97.5 % of the standard normal distribution.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Corrections:
    """Annotations in force for one night.

    verdicts: (boot_id, seq) of an event or bout to a verdict. left_out: stretches [from, until) of UTC
    microseconds.
    """

    verdicts: Mapping[tuple[int, int], str]
    left_out: tuple[tuple[int, int], ...]

    @property
    def digest(self) -> int:
        """A number that changes with them."""
        return crc32(repr((sorted(self.verdicts.items()), self.left_out)).encode())


@dataclass(slots=True)
class Corrected:
    """The parts of a night after its annotations.

    moves: bursts that count in another class, as (from, to). left_out: with whole minutes.
    """

    minutes: list[NightMinute]
    events: list[NightEvent]
    bouts: list[TremorBout]
    absorbed: list[AbsorbedEvent]
    left_out: tuple[tuple[int, int], ...]
    left_out_h: float
    moves: list[tuple[str, str]] = field(default_factory=list)
    uncounted: list[Uncounted] = field(default_factory=list)


def correct(
    minutes: Sequence[NightMinute],
    events: Sequence[NightEvent],
    bouts: Sequence[TremorBout],
    absorbed: Sequence[AbsorbedEvent],
    corrections: Corrections,
) -> Corrected:
    """The parts of a night after the annotations are applied.

    A minute is one sum, so a stretch leaves out each minute that it touches, and the events of that minute:
    counts and the time over which they are counted must belong together.
    """
    out = _whole_minutes(corrections.left_out, minutes)

    def kept(utc_us: int) -> bool:
        return not any(start <= utc_us < end for start, end in out)

    rest = [minute for minute in minutes if kept(minute.start_us)]
    away = [minute for minute in minutes if not kept(minute.start_us)]
    away_ms = sum(minute.end_us - minute.start_us for minute in away) / 1000
    found = Corrected(
        rest, [], [], [one for one in absorbed if kept(one.event.utc_us)], out, away_ms / MS_A_HOUR
    )
    for event in events:
        verdict = corrections.verdicts.get((event.boot_id, event.seq), "")
        if not kept(event.utc_us):
            aside = replace(event, kind=LEFT_OUT, verdict=verdict)
            found.uncounted.append(Uncounted(LEFT_OUT, aside))
            continue
        found.events.append(replace(event, kind=verdict or event.kind, verdict=verdict))
        if verdict and event.reported in CLASS_OF:
            to = "twitch" if verdict == TWITCH else "disturbance"
            found.moves.append((CLASS_OF[event.reported], to))
    for bout in bouts:
        verdict = next((v for seq in bout.seqs if (v := corrections.verdicts.get((bout.boot_id, seq)))), "")
        bout = replace(bout, verdict=verdict)
        if not kept(bout.utc_us):
            found.uncounted.append(Uncounted(LEFT_OUT, bout))
        elif verdict == NO_TREMOR:
            found.uncounted.append(Uncounted(NO_TREMOR, bout))
        else:
            found.bouts.append(bout)
    return found


def annotated(measured: WholeNight, night: WholeNight, by: Corrected, digest: int) -> WholeNight:
    """The corrected night, with what it was before.

    What was lost is a fact about the records, so a stretch that is left out does not count as lost.
    """
    verdicts = {(one.boot_id, one.seq): one.verdict for one in by.events}
    verdicts.update({(one.boot_id, one.seq): one.verdict for one in by.bouts})
    verdicts.update({(one.of.boot_id, one.of.seq): one.of.verdict for one in by.uncounted})

    def judged(kind: str, seen: Sequence[NightEvent | TremorBout]) -> Judged:
        said = [verdict for one in seen if (verdict := verdicts.get((one.boot_id, one.seq)))]
        return Judged(sum(verdict == kind for verdict in said), len(said))

    twitches = [one for one in measured.events if one.kind == TWITCH]
    return replace(
        night,
        minutes=measured.minutes,
        lost_h=measured.lost_h,
        off_h=measured.off_h,
        coverage=measured.coverage,
        uncounted=tuple(sorted(by.uncounted, key=lambda one: one.of.utc_us)),
        measured=Measured(
            twitches=measured.twitches,
            rest_h=measured.rest_h,
            hours=measured.hours,
            uncountable=measured.uncountable,
            bouts=len(measured.bouts),
            left_out=by.left_out,
            left_out_h=by.left_out_h,
            judged=judged(TWITCH, twitches),
            judged_bouts=judged(TREMOR, measured.bouts),
            digest=digest,
        ),
    )


def precision(judged: Judged) -> tuple[float, float, float] | None:
    """Share of the judged that were right, with its 95 % interval; None if nothing was judged.

    The score interval (Wilson 1927, J Am Stat Assoc 22:209), which holds for small numbers too. It applies
    to all events only if those that were judged were chosen without regard to what they are.
    """
    n = judged.of
    if not n:
        return None
    share = judged.right / n
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    return share, max(0.0, centre - reach), min(1.0, centre + reach)


def _whole_minutes(
    spans: Sequence[tuple[int, int]], minutes: Sequence[NightMinute]
) -> tuple[tuple[int, int], ...]:
    widened = []
    for start, end in spans:
        touched = [minute for minute in minutes if minute.start_us < end and start < minute.end_us]
        widened.append(
            (
                min([start, *(minute.start_us for minute in touched)]),
                max([end, *(minute.end_us for minute in touched)]),
            )
        )
    joined: list[tuple[int, int]] = []
    for start, end in sorted(widened):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)
