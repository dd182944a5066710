"""Figures in words."""

from __future__ import annotations

NO_DIAGNOSIS = "This is not a diagnosis."
MODELLED = "Modelled data of the demo: nobody was measured."


def magnitude(value: float, unit: str) -> str:
    """At most three significant figures: 0.85 mg, 12.3 mg, 194 mg."""
    digits = 2 if value < 1 else 1 if value < 100 else 0
    return f"{value:.{digits}f} {unit}"


def span(seconds: float) -> str:
    """A duration in the unit that people would use."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.1f} min"
    return f"{seconds / 3600:.1f} h"


def plural(count: int, noun: str) -> str:
    """`1 twitch`, `2 twitches`, `no twitches`."""
    if count != 1 and noun.endswith("y"):
        noun = f"{noun[:-1]}ie"
    ending = "es" if noun.endswith(("ch", "s")) else "s"
    return f"{count:,} {noun}" if count == 1 else f"{count or 'no':{',' if count else ''}} {noun}{ending}"
