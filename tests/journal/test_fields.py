"""Amounts as people say them."""

from __future__ import annotations

import pytest

from twitchwatch.errors import UsageError
from twitchwatch.flags.symptoms import SYMPTOMS
from twitchwatch.journal.fields import BY_NAME, FIELDS, factors, read, reported


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("caffeine_mg", "190", 190.0),
        ("caffeine_mg", "190 mg", 190.0),
        ("caffeine_mg", "coffee", 95.0),
        ("caffeine_mg", "2 coffee + tea", 237.0),
        ("caffeine_mg", "2 coffees", 190.0),
        ("caffeine_mg", "1,5 x espresso", 94.5),
        ("caffeine_mg", "0", 0.0),
        ("alcohol_g", "2 beer + wine", 54.0),
        ("nicotine_mg", "5 cigarettes", 6.0),
        ("sleep_h", "6.5", 6.5),
        ("sleep_h", "6.5 h", 6.5),
        ("symptoms", "Numbness, weakness, numbness", ["numbness", "weakness"]),
        ("medication", "Salbutamol,  vitamin  D", ["salbutamol", "vitamin d"]),
        ("place", "  left   index ", "left index"),
    ],
)
def test_read(name: str, text: str, value: object) -> None:
    assert read(BY_NAME[name], text) == value


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("caffeine_mg", "2 beer", "coffee, espresso"),
        ("caffeine_mg", "much", "not understood"),
        ("caffeine_mg", "", "not understood"),
        ("caffeine_mg", "-5", "not understood"),
        ("caffeine_mg", "nan", "not understood"),
        ("caffeine_mg", "99999", "between 0 and 3000 mg"),
        ("sleep_quality", "0", "between 1 and 5"),
        ("stress", "11", "between 0 and 10"),
        ("symptoms", "tired", "Known: weakness"),
        ("birth_year", "54", "between 1900 and 2100"),
        ("sex", "woman", "Known: female, male, other"),
        ("sleep_h", "6 min", "not understood"),
    ],
)
def test_refused_with_what_would_be_right(name: str, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(BY_NAME[name], text)


def test_every_red_flag_can_be_noted() -> None:
    assert set(BY_NAME["symptoms"].choices) == set(SYMPTOMS)


def test_factors_are_amounts_that_may_matter() -> None:
    values = {"caffeine_mg": 95.0, "felt": 3.0, "place": "left", "symptoms": ["weakness"], "stress": 2.0}
    assert factors(values) == {"caffeine_mg": 95.0, "stress": 2.0}
    assert all(one.step > 0 for one in FIELDS if one.factor)


@pytest.mark.parametrize(("text", "sex"), [("F", "female"), ("male", "male"), ("Other", "other")])
def test_a_choice_is_its_name_or_first_letter(text: str, sex: str) -> None:
    assert read(BY_NAME["sex"], text) == sex


def test_reported() -> None:
    assert reported("birth_year", 1972.0) == "birth year 1972"
    assert reported("caffeine_mg", 190.0) == "caffeine 190 mg"
    assert reported("stress", 3.0) == "stress 3"
    assert reported("symptoms", ["weakness"]) == "symptoms weakness"
    assert reported("symptoms", []) == "no symptoms"
