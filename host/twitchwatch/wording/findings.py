"""Findings in words."""

from __future__ import annotations

from datetime import datetime

from twitchwatch.clock.zone import LOCAL
from twitchwatch.flags import Flag
from twitchwatch.wording.units import evening

UNITS = {"s": "s", "h": "h", "hz": "Hz", "mg": "mg", "days": "days"}


def when_of(flag: Flag) -> str:
    """The nights of a flag, in words."""
    if flag.night is None:
        return "now"
    if flag.last_night in (None, flag.night):
        return f"night of {evening(flag.night)}"
    assert flag.last_night is not None
    return f"{evening(flag.night)} to {evening(flag.last_night)}"


def state_of(flag: Flag) -> str:
    """What has become of a finding, and how to acknowledge it."""
    if flag.state == "new":
        return f"new; `twitchwatch flags ack {flag.id}` says that you have seen it"
    return f"{flag.state} (number {flag.id})"


def evidence_of(flag: Flag) -> str:
    """The figures that a finding rests on."""
    named = {**flag.evidence, **flag.statistics}.items()
    told = [_plain(name, value) for name, value in named if value is not None and value != ()]
    return ", ".join((*told, f"confidence {flag.confidence}"))


def _plain(name: str, value: float | str | tuple[str, ...]) -> str:
    stem, _, unit = name.rpartition("_")
    if unit == "utc":
        at = datetime.fromisoformat(str(value)).astimezone(LOCAL)
        name, told = stem, f"{at:%Y-%m-%d %H:%M:%S}"
    elif isinstance(value, tuple):
        told = " / ".join(value)
    elif isinstance(value, float):
        told = f"{value:.3g}"
    else:
        told = str(value)
    if unit in UNITS:
        name, told = stem, f"{told} {UNITS[unit]}"
    return f"{name.replace('_', ' ')} {told}"
