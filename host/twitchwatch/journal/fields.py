"""What can be noted about an evening and its night: units, ranges, and doses of things counted in cups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from twitchwatch.clock.zone import zone_of
from twitchwatch.errors import UsageError
from twitchwatch.flags.symptoms import SYMPTOMS
from twitchwatch.foreign import MAX_TEXT_CHARACTERS, one_line
from twitchwatch.store.journal_notes import MODELLED

Value = float | str | list[str]
When = Literal["evening", "morning", "never"]

# mg of caffeine. A coffee of 240 ml, black and green tea, cola of 355 ml: USDA FoodData Central; espresso,
# energy drink of 250 ml: EFSA 2015, Scientific Opinion on the safety of caffeine, table 1.
CAFFEINE_MG = {
    "coffee": 95.0,
    "espresso": 63.0,
    "tea": 47.0,
    "green_tea": 28.0,
    "cola": 34.0,
    "energy_drink": 80.0,
    "decaf": 2.0,
    "cocoa": 5.0,
}
# g of alcohol: volume x strength x 0.789 g/ml. Beer 0.5 l of 5 %, wine 0.15 l of 12 %, spirit 4 cl of 40 %.
ALCOHOL_G = {"beer": 20.0, "small_beer": 13.0, "wine": 14.0, "spirit": 13.0}
# mg of nicotine taken in, not what the pack says: Benowitz et al. 2009, Handb Exp Pharmacol 192:29.
NICOTINE_MG = {"cigarette": 1.2, "cigar": 1.7, "pouch": 3.0, "gum": 1.0}

SEXES = ("female", "male", "other")

_TERM = re.compile(r"(?:(\d+(?:[.,]\d+)?)\s*(?:x\s*)?)?([a-z_]+)?")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to note. `name` carries its unit; `asks` is the question.

    kind: "amount" is a number between `least` and `most`; `doses` are words that stand for amounts. "words"
    is free text, "zone" the name of a time zone, "names" a list, of `choices` if there are any, "choice" one
    of them. factor: whether it can be a trigger; then `step` is the difference for which its effect is
    reported. when: questions about the evening are asked in the evening, those about the night in the
    morning, others never. cups: a bare number up to this may be a count of cups instead of an amount, and
    is questioned.
    """

    name: str
    asks: str
    kind: Literal["amount", "words", "names", "zone", "choice"]
    unit: str = ""
    least: float = 0.0
    most: float = 0.0
    doses: Mapping[str, float] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    step: float = 0.0
    when: When = "evening"
    cups: float = 0.0

    @property
    def factor(self) -> bool:
        """Whether its effect on the night is estimated."""
        return self.step > 0

    @property
    def option(self) -> str:
        """Its spelling on the command line: without the unit."""
        return self.name.removesuffix(f"_{self.unit}").replace("_", "-")


def _amount(
    name: str, asks: str, unit: str, most: float, step: float, cups: float = 0.0, **doses: float
) -> Field:
    return Field(name, asks, "amount", unit, 0.0, most, doses, (), step, cups=cups)


FIELDS: tuple[Field, ...] = (
    _amount("caffeine_mg", "Caffeine today", "mg", 3000, 95, 20, **CAFFEINE_MG),
    _amount("late_caffeine_mg", "Caffeine after 2 pm", "mg", 3000, 95, 20, **CAFFEINE_MG),
    _amount("alcohol_g", "Alcohol", "g", 400, 14, 10, **ALCOHOL_G),
    _amount("nicotine_mg", "Nicotine", "mg", 100, 6, 40, **NICOTINE_MG),
    _amount("exercise_min", "Exercise", "min", 1000, 30),
    Field("stress", "Stress, 0 to 10", "amount", "", 0, 10, step=2),
    _amount("magnesium_mg", "Magnesium taken", "mg", 2000, 200),
    Field("medication", "Medicines, separated by commas", "names"),
    _amount("screen_h", "Time at a screen", "h", 24, 2),
    Field("hand_load", "Load on the hand (typing, gripping), 0 to 10", "amount", "", 0, 10, step=2),
    Field("felt", "Twitches felt today", "amount", "", 0, 10000),
    Field(
        "symptoms",
        f"Any of: {', '.join(SYMPTOMS)}",
        "names",
        choices=tuple(SYMPTOMS),
    ),
    Field("place", "Where the sensor is worn", "words"),
    Field(
        "zone",
        "Time zone from this evening on, if it is not this computer's, such as Europe/Berlin",
        "zone",
        when="never",
    ),
    Field("birth_year", "Your year of birth", "amount", "", 1900, 2100, when="never"),
    Field("sex", "Your sex: female, male or other", "choice", choices=SEXES, when="never"),
    Field("note", "Anything else", "words"),
    Field("slept_h", "Sleep last night", "amount", "h", 0, 24, step=1, when="morning"),
    Field("slept_quality", "Quality of sleep, 1 to 5", "amount", "", 1, 5, step=1, when="morning"),
    Field("felt_night", "Twitches felt in the night", "amount", "", 0, 10000, when="morning"),
)
# Entries up to 0.1 have the sleep before their evening, noted in that evening.
SLEEP_BEFORE = {"sleep_h": "slept_h", "sleep_quality": "slept_quality"}
_OTHERS = (
    Field(MODELLED, "Entries of the demo", "words", when="never"),
    Field("sleep_h", "Sleep the night before", "amount", "h", 0, 24),
    Field("sleep_quality", "Quality of sleep, 1 to 5", "amount", "", 1, 5),
)
BY_NAME = {one.name: one for one in (*FIELDS, *_OTHERS)}
# About the wearer, not about an evening: for the report, and for exports that have a place for it.
WEARER = ("birth_year", "sex")
MORNING = frozenset(one.name for one in FIELDS if one.when == "morning")
STEPS = {one.name: one.step for one in FIELDS if one.factor}


def read(one: Field, text: str) -> Value:
    """The value that `text` stands for: "190", "2 coffee + tea", "weakness, numbness".

    Raises UsageError, which states the expected form.
    """
    text = text.strip()
    if one.kind != "amount" and not text:
        none = " Write none if there are none." if one.kind == "names" else ""
        raise UsageError(
            f"{one.asks}: the text is empty.{none} To remove it from an entry:"
            f" `twitchwatch journal edit --clear {one.option}`."
        )
    if one.kind == "words":
        return one_line(" ".join(text.split()), MAX_TEXT_CHARACTERS)
    if one.kind == "names":
        return [] if text.lower() == "none" else _names(one, text)
    if one.kind == "zone":
        return _zone(text)
    if one.kind == "choice":
        return _choice(one, text.lower())
    total = sum(_term(one, part.strip().lower()) for part in text.split("+"))
    if not one.least <= total <= one.most:
        unit = f" {one.unit}" if one.unit else ""
        raise UsageError(f"{one.asks}: {total:g} is not between {one.least:g} and {one.most:g}{unit}.")
    return round(total, 3)


def _names(one: Field, text: str) -> list[str]:
    names = [one_line(" ".join(part.split())).lower() for part in text.split(",") if part.strip()]
    for name in names:
        if one.choices and name not in one.choices:
            raise UsageError(f"{name!r} is not known. Known: {', '.join(one.choices)}.")
    return sorted(set(names))


def _choice(one: Field, text: str) -> str:
    found = [name for name in one.choices if name == text or name[0] == text]
    if not found:
        raise UsageError(f"{text!r} is not known. Known: {', '.join(one.choices)}.")
    return found[0]


def _zone(text: str) -> str:
    try:
        zone_of(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time zone. Write it as Europe/Berlin or UTC+01:00.") from error
    return text


def _term(one: Field, part: str) -> float:
    match = _TERM.fullmatch(part)
    count, word = match.groups() if match else (None, None)
    number = float(count.replace(",", ".")) if count else 1.0
    if word is None and count:
        if 0 < number <= one.cups:
            known_dose = next(iter(one.doses))
            raise UsageError(
                f'{one.asks}: {number:g} of what? Write "{number:g} {one.unit}" for {one.unit}, or what it'
                f' was, such as "{number:g} {known_dose}". Known: {", ".join(one.doses)}.'
            )
        return number
    if word == one.unit and count:
        return number
    # "coffees" is the plural of something that is known.
    dose = one.doses.get(word or "", one.doses.get((word or "").removesuffix("s")))
    if dose is None:
        known = f", or {', '.join(one.doses)} with a number before it" if one.doses else ""
        unit = f" of {one.unit}" if one.unit else ""
        raise UsageError(f"{one.asks}: {part!r} is not understood. Enter a number{unit}{known}.")
    return number * dose


def reported(name: str, value: Value) -> str:
    """A value for people: "caffeine 190 mg"."""
    one = BY_NAME.get(name)
    label = one.option.replace("-", " ") if one is not None else name
    if isinstance(value, list):
        return f"{label} {', '.join(value)}" if value else f"no {label}"
    if isinstance(value, str):
        return f"{label}: {value}"
    unit = f" {one.unit}" if one is not None and one.unit else ""
    return f"{label} {value:g}{unit}"


def contradiction(values: Mapping[str, Value]) -> str | None:
    """A contradiction in an entry, and what to do about it; None if there is none."""
    whole, late = values.get("caffeine_mg"), values.get("late_caffeine_mg")
    if isinstance(whole, float) and isinstance(late, float) and late > whole:
        return (
            f"Caffeine after 2 pm ({late:g} mg) is part of the day's caffeine ({whole:g} mg) and cannot be"
            " more. Correct --caffeine or --late-caffeine."
        )
    return None


def factors(values: Mapping[str, Value]) -> dict[str, float]:
    """The amounts in an entry whose effect on the night is estimated."""
    return {
        name: float(value)
        for name, value in values.items()
        if name in STEPS and isinstance(value, int | float)
    }
