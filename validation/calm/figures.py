"""The results of the years, as bars and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from twitchwatch.alerts.policy import URGENCIES
from validation.calm.years import Year, quantile_interval, total
from validation.tables import MODELLED, Bar, Results, Table

# The bars: messages a year besides faults of data, and days until a doubling is reported, medians.
MESSAGES, DOUBLING_DAYS = 1, 11
# Of faults of data: a forgotten night is none, a journey without the ring is one or two.
FAULTS = 6
SHARES = (0.5, 0.9, 0.99)
_RESTS_ON = "modelled wearers (`validation/calm/wearers.py`), their first year"


def results(years: Sequence[Year], days: Mapping[str, Sequence[float]]) -> Results:
    """Bars and tables of these years; days: to the right message, by course."""
    found = Results()
    other = [year.many(faults=False) for year in years]
    faults = [year.many(faults=True) for year in years]
    doubling = quantile_interval(days["x 2"], 0.5)
    again, stale = sum(year.again for year in years), sum(year.stale for year in years)
    found.bars = [
        _bar("messages a year except data faults, median", f"<= {MESSAGES}", np.median(other), MESSAGES),
        Bar(
            "days until a doubling is reported, median",
            f"<= {DOUBLING_DAYS}",
            _days(*doubling),
            doubling[1] <= DOUBLING_DAYS,
            MODELLED,
        ),
        _bar("messages a year about data faults, median", f"<= {FAULTS}", np.median(faults), FAULTS),
        _bar("the same thing reported twice", "0", again, 0),
        _bar("something new reported without data for the last night", "0", stale, 0),
    ]
    found.tables = [_overall(years, other, faults), _by_subject(years), _delays(days)]
    return found


def _bar(what: str, wanted: str, reached: float, most: float) -> Bar:
    return Bar(what, wanted, f"{reached:g}", bool(reached <= most), MODELLED)


def _overall(years: Sequence[Year], other: Sequence[int], faults: Sequence[int]) -> Table:
    by_urgency = {
        urgency: [
            sum(count for (_, _, own), count in year.messages.items() if own == urgency) for year in years
        ]
        for urgency in URGENCIES[1:]
    }
    rows = [("all except data faults", other), ("data faults", faults)]
    rows += [(f"of urgency `{urgency}`", many) for urgency, many in by_urgency.items() if urgency != "fault"]
    columns = ("messages a year", "none", "median", "90 % of wearers", "99 %", "mean")
    return Table(
        "Messages a year to a healthy wearer", _RESTS_ON, columns, tuple(_spread(*row) for row in rows)
    )


def _spread(name: str, many: Sequence[int]) -> tuple[str, ...]:
    ends = (f"{end:g}" for end in np.quantile(many, SHARES, method="higher"))
    return (name, f"{np.mean(np.equal(many, 0)):.0%}", *ends, f"{np.mean(many):.2f}")


def _by_subject(years: Sequence[Year]) -> Table:
    sent = total(years)
    rows = []
    for subject in sorted({subject for subject, _, _ in sent}):
        own = {
            step: sum(count for (one, at, _), count in sent.items() if (one, at) == (subject, step))
            for step in ("first", "more_urgent", "unanswered", "over")
        }
        touched = np.mean([any(one == subject for one, _, _ in year.messages) for year in years])
        low, high = _share_interval(float(touched), len(years))
        rows.append(
            (
                subject.replace("_", " "),
                f"{touched:.1%} ({low:.1%} to {high:.1%})",
                *(f"{count / len(years):.3f}" for count in own.values()),
            )
        )
    columns = ("about", "wearers (95 %)", "first", "more urgent", "not acknowledged", "over")
    return Table("Messages a year, by subject", _RESTS_ON, columns, tuple(rows))


def _share_interval(share: float, count: int) -> tuple[float, float]:
    from scipy.stats import beta

    hits = round(share * count)
    low = beta.ppf(0.025, hits, count - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, count - hits) if hits < count else 1.0
    return float(low), float(high)


def _delays(days: Mapping[str, Sequence[float]]) -> Table:
    rows = []
    for course, own in days.items():
        found = np.mean(np.isfinite(own))
        rows.append(
            (
                course,
                _days(*quantile_interval(own, 0.5)),
                _days(*quantile_interval(own, 0.9)),
                f"{found:.0%}",
            )
        )
    columns = ("the rate", "median, days (95 %)", "90 %, days (95 %)", "found within eight months")
    return Table(
        "Days until a rise is reported in a message",
        "the same wearers, with gaps, moves and bad weeks; days count from the first night of the rise",
        columns,
        tuple(rows),
    )


def _days(low: float, reached: float, high: float) -> str:
    return f"{_number(reached)} ({_number(low)} to {_number(high)})"


def _number(days: float) -> str:
    return f"{days:.0f}" if np.isfinite(days) else "not found"
