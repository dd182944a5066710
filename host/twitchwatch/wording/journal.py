"""The journal and what goes with it, in words."""

from __future__ import annotations

from collections.abc import Mapping

from twitchwatch.analysis.comparison import Comparison
from twitchwatch.analysis.triggers import Effect
from twitchwatch.journal.fields import BY_NAME, FIELDS, Value, told


def effect_words(effect: Effect) -> str:
    """An effect in a line."""
    if effect.ratio is None or effect.interval is None or effect.step is None:
        return f"cannot say: {effect.reason}"
    unit = BY_NAME[effect.factor].unit
    each = f"{effect.step:g} {unit}".strip()
    low, high = effect.interval
    line = f"{effect.ratio:.2f} times the rate for {each} more ({low:.2f} to {high:.2f})"
    if effect.answer == "unclear":
        return f"nothing clear; {line}"
    return f"{effect.answer} twitches: {line}"


def comparison_words(one: Comparison) -> str:
    """A comparison in a line."""
    before, after = one.nights
    if one.ratio is None or one.interval is None:
        return f"cannot say: {one.reason}"
    low, high = one.interval
    line = f"{one.ratio:.2f} times the rate ({low:.2f} to {high:.2f}), {after} nights beside {before}"
    return line if one.verdict != "unclear" else f"nothing clear; {line}"


def entry_words(values: Mapping[str, Value | None]) -> str:
    """What was noted, in the order in which it is asked for."""
    order = {one.name: i for i, one in enumerate(FIELDS)}
    parts = []
    for name in sorted(values, key=lambda name: order.get(name, len(order))):
        value = values[name]
        parts.append(f"no {BY_NAME[name].option.replace('-', ' ')}" if value is None else told(name, value))
    return ", ".join(parts)
