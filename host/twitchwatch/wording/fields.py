"""The fields of the journal, in words."""

from __future__ import annotations

from twitchwatch.journal.fields import Field


def help_of(one: Field) -> str:
    """What the option of a field takes."""
    if one.kind in ("names", "choice"):
        return f"{one.asks}."
    doses = ", ".join(f"{word} {amount:g}" for word, amount in one.doses.items())
    unit = f" in {one.unit}" if one.unit else ""
    known = (
        f' Or "2 coffee + tea": {doses}.' if one.name == "caffeine_mg" else f" Or: {doses}." if doses else ""
    )
    return f"{one.asks}{unit}.{known}"
