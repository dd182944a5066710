"""What counts is what was noted before the night; the rest is kept beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.journal import Revision, entries, evening_of, morning_sealed_at, sealed_at
from twitchwatch.journal.book import places
from twitchwatch.journal.fields import MORNING

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = date(2026, 3, 28)  # the clocks go forward before the morning
SEAL = sealed_at(NIGHT, BERLIN)


def at(hours: float) -> int:
    """Microseconds from the seal of NIGHT."""
    return SEAL + int(hours * 3_600_000_000)


def test_noted_in_time_and_later() -> None:
    book = entries(
        [
            Revision(NIGHT, at(-5), {"stress": 3.0, "felt": 4.0}),
            Revision(NIGHT, at(-1), {"stress": 2.0}),
            Revision(NIGHT, at(5), {"stress": 8.0, "note": "bad night"}),
        ],
        BERLIN,
    )
    (entry,) = book
    assert entry.sealed == {"stress": 2.0, "felt": 4.0}
    assert entry.later == {"stress": 8.0, "note": "bad night"}
    assert entry.current == {"stress": 8.0, "felt": 4.0, "note": "bad night"}
    assert len(entry.revisions) == 3


def test_cleared_before_and_after() -> None:
    (entry,) = entries(
        [
            Revision(NIGHT, at(-3), {"stress": 3.0, "felt": 4.0, "note": "x"}),
            Revision(NIGHT, at(-2), {"note": None}),
            Revision(NIGHT, at(2), {"felt": None}),
        ],
        BERLIN,
    )
    assert entry.sealed == {"stress": 3.0, "felt": 4.0}
    assert entry.later == {"felt": None}
    assert entry.current == {"stress": 3.0}


def test_put_back_later_is_no_change() -> None:
    (entry,) = entries(
        [
            Revision(NIGHT, at(-3), {"stress": 3.0}),
            Revision(NIGHT, at(2), {"stress": 9.0}),
            Revision(NIGHT, at(3), {"stress": 3.0}),
        ],
        BERLIN,
    )
    assert (entry.sealed, entry.later) == ({"stress": 3.0}, {})


def test_the_seal_follows_summer_time() -> None:
    assert datetime.fromtimestamp(SEAL / 1e6, UTC) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    winter = sealed_at(date(2026, 1, 10), BERLIN)
    assert datetime.fromtimestamp(winter / 1e6, UTC) == datetime(2026, 1, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize(("hour", "evening"), [(0, 27), (2, 27), (11, 27), (12, 28), (18, 28), (23, 28)])
def test_until_noon_it_is_yesterdays_evening(hour: int, evening: int) -> None:
    moment = datetime(2026, 3, 28, hour, 30, tzinfo=BERLIN)
    assert evening_of(int(moment.timestamp()) * 1_000_000, BERLIN) == date(2026, 3, evening)


def noted(names: list[str], hours: st.SearchStrategy[int]) -> st.SearchStrategy[list]:
    changes = st.dictionaries(st.sampled_from(names), st.none() | st.floats(0, 9), max_size=3)
    return st.lists(st.tuples(st.integers(0, 3), hours, changes), max_size=9)


@pytest.mark.parametrize(
    ("names", "seal"),
    [(["stress", "note", "felt"], sealed_at), (sorted(MORNING), morning_sealed_at)],
)
@given(st.data())
def test_nothing_noted_later_changes_what_is_sealed(names: list, seal: Callable, data: st.DataObject) -> None:
    """Hours from the seal: that of the evening, or, of what the night was like, that of the morning."""

    def revisions(rows: list) -> list[Revision]:
        nights = [NIGHT + timedelta(days=day) for day, _, _ in rows]
        return [
            Revision(night, seal(night, BERLIN) + hours * 3_600_000_000, changes)
            for night, (_, hours, changes) in zip(nights, rows, strict=True)
        ]

    first = data.draw(noted(names, st.integers(-90, 90)))
    later = data.draw(noted(names, st.integers(1, 90)))
    before = {entry.night: entry for entry in entries(revisions(first), BERLIN)}
    after = {entry.night: entry for entry in entries(revisions(first + later), BERLIN)}
    for night, entry in after.items():
        assert entry.sealed == (before[night].sealed if night in before else {})
        assert all(entry.sealed.get(name) != value for name, value in entry.later.items())


def test_the_morning_has_until_noon() -> None:
    (entry,) = entries([Revision(NIGHT, at(8.9), {"slept_h": 7.0, "stress": 1.0})], BERLIN)
    assert (entry.sealed, entry.later) == ({"slept_h": 7.0}, {"stress": 1.0})
    assert entry.morning_sealed_utc_us - entry.sealed_utc_us == 9 * 3_600_000_000
    (entry,) = entries([Revision(NIGHT, at(9), {"slept_h": 7.0})], BERLIN)
    assert (entry.sealed, entry.later) == ({}, {"slept_h": 7.0})


@pytest.mark.parametrize(
    ("place", "left", "right"),
    [
        ("left = left index, right = right thumb", "left index", "right thumb"),
        ("right = right thumb", None, "right thumb"),
        ("Left index, second joint", "left index, second joint", "left index, second joint"),
    ],
)
def test_the_places_of_two_sensors_fit_into_one_entry(place: str, left: str | None, right: str) -> None:
    night = date(2026, 3, 4)
    nights: Any = [
        SimpleNamespace(date=night, device=name, identity=f"id-{name}") for name in ("left", "right")
    ]
    book = entries([Revision(night, 0, {"place": place})], UTC)
    found = places(book, nights)
    assert (found.get(("id-left", night)), found.get(("id-right", night))) == (left, right)
