"""The journal and its triggers, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from twitchwatch.analysis.comparison import MIN_NIGHTS, Comparison
from twitchwatch.analysis.triggers import Effect
from twitchwatch.clock.dates import evening
from twitchwatch.flags import SYMPTOMS, URGENCIES, Symptom, symptom_flags
from twitchwatch.journal.entry import Entry
from twitchwatch.journal.fields import BY_NAME, FIELDS, MORNING, Value, reported
from twitchwatch.journal.program import MIN_PAIRS
from twitchwatch.journal.running import Drawn, Outcome, Running
from twitchwatch.wording.units import plural

NO_ENTRIES = (
    "No night has a journal entry made in time. Add one each evening with `twitchwatch journal evening`;"
    " results appear after about three weeks."
)
NO_CAUSE = (
    "An association is not necessarily cause and effect. An experiment can find out: `twitchwatch experiment"
    " start late-caffeine`, or another one that `twitchwatch experiment start --help` lists."
)


def effect_words(effect: Effect) -> str:
    """An effect in a line."""
    if effect.ratio is None or effect.interval is None or effect.step is None:
        return f"no answer: {effect.reason}"
    unit = BY_NAME[effect.factor].unit
    each = f"{effect.step:g} {unit}".strip()
    low, high = effect.interval
    line = f"{effect.ratio:.2f} times the rate for {each} more ({low:.2f} to {high:.2f})"
    if effect.answer == "unclear":
        # The interval is of this factor alone, the answer corrected for all: they may disagree.
        alone = low > 1 or high < 1
        chance = ", which can be chance when several factors are compared" if alone else ""
        return f"no clear effect; {line}{chance}"
    return f"{effect.answer} twitches: {line}"


def comparison_words(one: Comparison) -> str:
    """A comparison in a line."""
    before, after = one.nights
    if one.ratio is None or one.interval is None:
        if min(one.nights) < MIN_NIGHTS:
            data = f"data of {before} and {plural(after, 'night')}"
            return f"no answer yet: {data}; {MIN_NIGHTS} of each are needed"
        return f"no answer: {one.reason}"
    low, high = one.interval
    line = f"{one.ratio:.2f} times the rate ({low:.2f} to {high:.2f}), {after} nights compared with {before}"
    return line if one.verdict != "unclear" else f"no clear effect; {line}"


def entry_words(values: Mapping[str, Value | None]) -> str:
    """What was noted, in the order of the questions."""
    order = {one.name: i for i, one in enumerate(FIELDS)}
    parts = []
    for name in sorted(values, key=lambda name: order.get(name, len(order))):
        value = values[name]
        parts.append(
            f"no {BY_NAME[name].option.replace('-', ' ')}" if value is None else reported(name, value)
        )
    return ", ".join(parts)


def sealed_words(entry: Entry, changes: Mapping[str, Value | None], now_utc_us: int) -> str:
    """What was noted too late to count; empty if everything counts."""
    late = [
        name
        for name in changes
        if BY_NAME[name].factor
        and now_utc_us >= (entry.morning_sealed_utc_us if name in MORNING else entry.sealed_utc_us)
    ]
    if not late:
        return ""
    named = ", ".join(BY_NAME[name].option.replace("-", " ") for name in late)
    return f"Too late to count for triggers, but kept with the entry: {named}."


def symptom_answers(placed: Mapping[date, Mapping[str, Value | None]]) -> list[str]:
    """What to do about the symptoms in these changes, the most urgent first; taken from their findings."""
    noted = [
        Symptom(night, name)
        for night, changes in placed.items()
        if isinstance(named := changes.get("symptoms"), list)
        for name in named
        if name in SYMPTOMS
    ]
    flags = sorted(symptom_flags(noted), key=lambda flag: -URGENCIES.index(flag.urgency))
    grouped: dict[str, list[str]] = {}
    for flag in flags:
        grouped.setdefault(flag.see_doctor, []).append(SYMPTOMS[flag.kind.removeprefix("symptom_")][0])
    return [f"You noted {' and '.join(names)}. {what}" for what, names in grouped.items()]


def plan_needs(program: Running, nights_before: int) -> list[str]:
    """What a plan needs from its first day on, and when it can first show a change."""
    plan, first = program.plan, program.first
    last = first + timedelta(days=plan.days - 1)
    reported = [
        f"It takes {plan.days} nights, up to that of {evening(last)}. Wear the sensor every night, and note "
        "every evening with `twitchwatch journal evening`."
    ]
    if plan.before_days:
        reported.append(
            f"It is compared with the {plan.before_days} nights before. Of these, "
            f"{plural(nights_before, 'night')} {'has' if nights_before == 1 else 'have'} data, and "
            f"{MIN_NIGHTS} are needed."
        )
        if nights_before < MIN_NIGHTS:
            reported.append(
                "So it cannot show a change. Stop it with `twitchwatch plan stop`, wear the sensor for two"
                " weeks without changing anything, and start again."
            )
    else:
        reported.append(
            f"It needs {MIN_NIGHTS} nights with data in each week. The first comparison is possible after"
            f" {evening(first + timedelta(days=plan.phases[0].days + MIN_NIGHTS - 1))}."
        )
    reported.append("`twitchwatch plan show` shows what to do each day.")
    return reported


def experiment_needs(program: Drawn) -> list[str]:
    """What an experiment needs from its first day on, and when it can first show an effect."""
    evenings = len(program.assignments)
    last = evening(program.first + timedelta(days=evenings - 1))
    enough = evening(program.first + timedelta(days=2 * MIN_PAIRS - 1))
    return [
        f"It takes {evenings} evenings, up to {last}. Each evening, look up the assignment with"
        " `twitchwatch experiment show`, wear the sensor, and note what you actually did with"
        " `twitchwatch journal evening`.",
        f"A pair counts if both of its nights have data. With {MIN_PAIRS} pairs, after {enough}, a large "
        f"effect can be found; with all {evenings // 2}, smaller ones.",
    ]


def outcome_words(found: Outcome) -> list[str]:
    """How likely the difference is by chance, and how well the assignments were followed."""
    reported = []
    if found.comparison.p_value is not None:
        reported.append(
            f"By chance alone, {found.comparison.p_value:.1%} of all possible assignments would differ at"
            " least as much."
        )
    reported.append(
        f"Evenings on which you followed the assignment: {found.kept}; did not: {found.broken}; not in the "
        f"journal: {found.unknown}. All count as assigned."
    )
    return reported
