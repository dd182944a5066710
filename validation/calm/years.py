"""Years of messages: one wearer each, healthy or worsening, and what is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from validation.calm.living import Sent, live
from validation.calm.nights import FIRST
from validation.calm.wearers import life

YEAR = 365
# A wearer worsens after two to four months, and is followed for half a year and more.
ONSET = (60, 120)
# Two first messages of one kind within this many days are taken for the same thing, reported twice.
SAME_DAYS = 7
# What each course does to the rate, by nights since its onset.
COURSES = {
    "x 2": lambda nights: np.full(np.shape(nights), 2.0),
    "x 1.5": lambda nights: np.full(np.shape(nights), 1.5),
    "5 % more each week": lambda nights: 1.05 ** (nights / 7),
}


@dataclass(frozen=True)
class Year:
    """Messages of one year: by what they are about, why they were sent and how urgent they are.

    again: sent twice about one thing. stale: about a sensor's findings without data of the last night.
    """

    messages: Counter[tuple[str, str, str]]
    again: int
    stale: int

    def many(self, *, faults: bool) -> int:
        """How many messages about faults of data, or about all else."""
        return sum(count for (*_, own), count in self.messages.items() if (own == "fault") == faults)


def about(one: Sent) -> str:
    """A word for what the message is about."""
    finding = one.finding
    if finding is None or finding.kind == "no_data":
        return "no data"
    if finding.kind == "escalation":
        return "escalation" if finding.scope == "nights" else "rising hours"
    return "symptom noted" if finding.kind.startswith("symptom_") else finding.kind


def healthy_year(seed: int, number: int) -> Year:
    """The first year of a healthy wearer."""
    chance = np.random.default_rng([seed, 0, number])
    sent = list(live(life(chance, YEAR), chance))
    return Year(
        Counter((about(one), one.step, one.urgency) for one in sent), _again(sent), sum(map(_stale, sent))
    )


def days_to_message(seed: int, course: str, number: int) -> float:
    """Days from the onset of a course to the first message about it; infinite if there was none."""
    chance = np.random.default_rng([seed, 1 + list(COURSES).index(course), number])
    onset = int(chance.integers(*ONSET))
    since = np.arange(YEAR) - onset
    times = np.where(since >= 0, COURSES[course](np.maximum(since, 0)), 1.0)
    for one in live(life(chance, YEAR, times=times), chance):
        if about(one) == "escalation" and one.step in ("first", "more_urgent") and one.day >= onset:
            return one.day - onset + 1
    return float(np.inf)


def _again(sent: Sequence[Sent]) -> int:
    """Messages that repeat an earlier one: step and urgency of one subject, or a first one of its kind."""
    told: set[tuple[str, str, str]] = set()
    latest: dict[str, int] = {}
    again = 0
    for one in sent:
        if one.step == "over":
            told = {each for each in told if each[0] != one.key}
            continue
        again += (one.key, one.step, one.urgency) in told
        told.add((one.key, one.step, one.urgency))
        kind = about(one)
        if one.step == "first" and kind not in ("no data", "symptom noted"):
            again += one.day - latest.get(kind, -YEAR) < SAME_DAYS
            latest[kind] = one.day
    return again


def _stale(one: Sent) -> bool:
    """Whether something new was reported about nights although the last one has no data."""
    if one.urgency == "fault" or about(one) == "symptom noted" or one.step == "unanswered":
        return False
    return one.newest is None or one.newest < FIRST + timedelta(days=one.day)


def quantile_interval(found: Sequence[float], share: float) -> tuple[float, float, float]:
    """A quantile with its 95 % interval by order statistics."""
    from scipy.stats import binom

    ordered = sorted(found)
    last = len(ordered) - 1
    low, high = binom.ppf((0.025, 0.975), len(ordered), share)
    places = int(low), int(np.ceil(share * len(ordered))) - 1, int(high)
    low, reached, high = (float(ordered[min(max(place, 0), last)]) for place in places)
    return low, reached, high


def total(years: Iterable[Year]) -> Counter[tuple[str, str, str]]:
    """All their messages."""
    found: Counter[tuple[str, str, str]] = Counter()
    for year in years:
        found += year.messages
    return found
