"""The evidence of a finding for the wearer: a name and a value in words for each figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from twitchwatch.clock.dates import evening, moment_of
from twitchwatch.clock.zone import LOCAL
from twitchwatch.wording.units import magnitude, span

UNITS = {"s": "s", "h": "h", "hz": "Hz", "mg": "mg", "days": "days"}


def _at(value: Any) -> str:
    there = datetime.fromisoformat(str(value)).astimezone(LOCAL)
    return moment_of(there)


def _night(value: Any) -> str:
    return f"evening of {evening(date.fromisoformat(str(value)))}"


def _strength(value: Any) -> str:
    return f"{magnitude(float(value), 'mg')} (thousandths of gravity)"


def _listed(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _hours(value: Any) -> str:
    return span(float(value) * 3600) if value else ""


def _seconds(value: Any) -> str:
    return span(float(value))


# Key: (its name, its value in words). A ratio has its own row, with its interval.
# Figures that mean something only to a statistician are not here; `--details` shows all of them.
EVIDENCE: dict[str, tuple[str, Callable[[Any], str]]] = {
    "nights": ("Nights that show it", str),
    "times": ("Times noted", str),
    "weeks_with": ("Weeks that show it", str),
    "weeks_observed": ("Weeks with data", str),
    "twitches": ("Twitches", str),
    "bouts": ("Times it shook", str),
    "trains": ("Trains of twitches", str),
    "series": ("Series of movements", str),
    "movements": ("Movements", str),
    "jerks": ("Jerks", str),
    "events": ("Events", str),
    "minutes": ("Minutes", str),
    "rest_h": ("Rest in that time", _hours),
    "twitches_per_hour": ("Twitches an hour", lambda value: f"{value:.1f}"),
    "movements_per_hour": ("Movements an hour", lambda value: f"{value:.1f}"),
    "median_interval_s": ("Time between them", _seconds),
    "total_s": ("In total", _seconds),
    "longest_s": ("The longest", _seconds),
    "frequency_hz": ("How fast", lambda value: f"{value:.1f} times a second"),
    "rates": ("How fast, and for how long", _listed),
    "amplitude_mg": ("How strong", _strength),
    "strongest_mg": ("The strongest", _strength),
    "bands": ("Frequency fits", _listed),
    "awake_bouts": ("Of these while awake", str),
    "awake": ("While awake", lambda value: "yes" if value else "no"),
    "from_utc": ("From", _at),
    "to_utc": ("To", _at),
    "first_utc": ("First seen", _at),
    "last_utc": ("Last seen", _at),
    "first_night": ("First", _night),
    "last_night": ("Last", _night),
    "then_night": ("Then", _night),
    "since_night": ("Since", _night),
    "noticed_night": ("Noticed", _night),
    "sites": ("Sites", _listed),
    "worn_differently": ("What else changed", _listed),
    "rate_of": ("Compared by", str),
    "cause": ("Cause", str),
    "reason": ("Reported as", str),
    "silent_h": ("Without data for", _hours),
    "not_worn_h": ("Not worn", _hours),
    "lost_h": ("Lost", _hours),
    "moving_h": ("Moving", _hours),
    "restarts": ("Restarts", str),
    "broken": ("Parts that do not work", _listed),
}
