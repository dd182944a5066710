"""A night's bursts by class: as the sensor counted them, after what is only known later."""

from __future__ import annotations

from collections.abc import Sequence

from twitchwatch.analysis.live_rate import live_of
from twitchwatch.analysis.minutes import NightMinute, bursts_of
from twitchwatch.analysis.night import AbsorbedEvent, TremorBout

# The class under which the sensor counted a burst that it reported as this kind.
CLASS_OF = {"twitch": "twitch", "spasm": "several", "unlike": "unlike"}


def bursts_by_class(
    minutes: Sequence[NightMinute],
    absorbed: Sequence[AbsorbedEvent],
    bouts: Sequence[TremorBout],
    moves: Sequence[tuple[str, str]] = (),
) -> tuple[tuple[str, int], ...]:
    """Bursts by class; those that turned out to belong to a tremor or a movement are counted there.

    moves: (from, to) for each burst that the wearer judged otherwise. The sensor may have counted fewer of a
    class than it reported.
    """
    swings = {seq for bout in bouts for seq in bout.seqs}
    homes: tuple[list[str], list[str]] = ([], [])
    for each in absorbed:
        if each.event.reported in CLASS_OF:
            homes[each.by_seq not in swings].append(CLASS_OF[each.event.reported])
    counts = dict(live_of(bursts_of(minutes), 0.0, 0.0, *homes).bursts)
    for source, to in moves:
        one = min(1, counts[source])
        counts[source] -= one
        counts[to] += one
    return tuple(counts.items())
