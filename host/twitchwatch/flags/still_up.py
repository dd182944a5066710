"""Whether a raised rate lasts: judged by new nights, and then week by week until it ends."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from twitchwatch.analysis.night import Night, Span
from twitchwatch.analysis.persistence import NIGHTS_A_WEEK
from twitchwatch.analysis.rates import LITTLE_REST_H

# A rise over this many nights is sustained. A shorter one is the greatest of many that chance offers, so it
# cannot be a witness of itself: it is sustained once the nights after it was noticed, taken together, are
# nearer to the raised rate than to the usual one (in ratio), or this many times the usual one.
SUSTAINED_NIGHTS = 6
UP_AT_MOST = 1.3
# A week is raised if its rate is at least this many times the usual one.
RAISED = 1.25
# This many weeks in a row that are not raised, and it is over.
ENDS_WEEKS = 2
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class StillUp:
    """How a rise went on.

    sustained: whether it is long, or new nights confirm it. evenings: those of raised weeks, in order.
    ended_utc_us: when a rate near the usual one ended it, None if it has not.
    """

    sustained: bool
    evenings: tuple[date, ...]
    ended_utc_us: int | None


def still_up(
    nights: Sequence[Night], since: date, noticed: date, usual_per_h: float, ratio: float
) -> StillUp:
    """How the rate of these nights, in order, went on after it rose to `ratio` times `usual_per_h`.

    since, noticed: the first evening of the rise, and the one after which it was noticed.
    """
    asleep = [
        (night, night.asleep)
        for night in nights
        if night.date >= since and not night.uncountable and night.asleep.rest_h >= LITTLE_REST_H
    ]
    evenings: list[date] = []
    ended_us = None
    quiet = 0
    for week in _weeks(asleep, since):
        if per_hour(part for _, part in week) >= RAISED * usual_per_h:
            evenings += [night.date for night, _ in week]
            quiet = 0
        else:
            quiet += 1
        if quiet == ENDS_WEEKS:
            ended_us = week[-1][0].end_utc_us
            asleep = [one for one in asleep if one[0].end_utc_us <= ended_us]
            break
    limit = usual_per_h * min(math.sqrt(ratio), UP_AT_MOST)
    new = [part for night, part in asleep if night.date > noticed]
    long = len(asleep) - len(new) >= SUSTAINED_NIGHTS
    sustained = long or any(per_hour(new[:upto]) >= limit for upto in range(1, len(new) + 1))
    return StillUp(sustained, tuple(evenings), ended_us)


def per_hour(parts: Iterable[Span]) -> float:
    """The rate of these together; 0 without rest."""
    parts = list(parts)
    exposed_h = sum(part.exposed_h for part in parts)
    return sum(part.twitches for part in parts) / exposed_h if exposed_h else 0.0


def _weeks(asleep: Sequence[tuple[Night, Span]], since: date) -> Iterable[list[tuple[Night, Span]]]:
    """The weeks from `since` on that are over and have enough nights."""
    newest = asleep[-1][0].date if asleep else since
    weeks: dict[int, list[tuple[Night, Span]]] = {}
    for one in asleep:
        weeks.setdefault((one[0].date - since).days // WEEK_DAYS, []).append(one)
    for week, own in weeks.items():
        over = (newest - since).days >= WEEK_DAYS * (week + 1) - 1
        if over and len({night.date for night, _ in own}) >= NIGHTS_A_WEEK:
            yield own
