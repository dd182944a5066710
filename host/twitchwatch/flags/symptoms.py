"""Warning signs that the wearer notes: they need a doctor, whatever the sensor reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Literal

from twitchwatch.clock.dates import evening
from twitchwatch.flags import words
from twitchwatch.flags.finding import Finding, Urgency

# What a finding has for a sensor if its wearer noted it.
JOURNAL = "journal"
_KIND = "symptom_"

SymptomName = Literal["weakness", "wasting", "numbness", "swallowing", "speech"]

# Symptom: (its name in plain words, its urgency).
SYMPTOMS: dict[str, tuple[str, Urgency]] = {
    "weakness": ("weakness", "doctor"),
    "wasting": ("a hand that grows thinner", "doctor"),
    "numbness": ("numbness", "doctor"),
    "swallowing": ("trouble swallowing", "at_once"),
    "speech": ("trouble speaking", "at_once"),
}


@dataclass(frozen=True, slots=True)
class Symptom:
    """`name`, one of SYMPTOMS, was noted on the evening of `night`.

    sensor, hardware_id: what the finding belongs to, if it is not the wearer's own journal.
    """

    night: date
    name: str
    sensor: str = JOURNAL
    hardware_id: str = ""


def is_symptom(kind: str) -> bool:
    """Whether findings of this kind are noted in the journal, not measured."""
    return kind.startswith(_KIND)


def symptom_flags(symptoms: Iterable[Symptom]) -> list[Finding]:
    """One finding for each symptom ever noted in a journal; it is not resolved by its absence.

    Raises ValueError for a name that is not in SYMPTOMS.
    """
    noted: defaultdict[Symptom, set[date]] = defaultdict(set)
    for symptom in symptoms:
        if symptom.name not in SYMPTOMS:
            raise ValueError(f"{symptom.name!r} is not a known symptom. Known: {', '.join(SYMPTOMS)}")
        noted[replace(symptom, night=date.min)].add(symptom.night)
    return [_flag(symptom, sorted(nights)) for symptom, nights in noted.items()]


def _flag(symptom: Symptom, nights: list[date]) -> Finding:
    reported, urgency = SYMPTOMS[symptom.name]
    first, last = nights[0], nights[-1]
    times = f"on {evening(first)}" if len(nights) == 1 else f"{len(nights)} times since {evening(first)}"
    since = datetime.combine(first, time(12), UTC)
    return Finding(
        kind=f"{_KIND}{symptom.name}",
        scope="nights",
        sensor=symptom.sensor,
        hardware_id=symptom.hardware_id,
        night=first,
        last_night=last,
        since_utc_us=int(since.timestamp()) * 1_000_000,
        urgency=urgency,
        confidence="high",
        words=f"You noted {reported} {times}.",
        may_mean=words.SYMPTOM_MEANING,
        to_try="",
        see_doctor=words.SYMPTOM_AT_ONCE if urgency == "at_once" else words.SYMPTOM_DOCTOR,
        resolved_when="You acknowledge it, once a doctor has examined it. No sensor data resolves it.",
        evidence={"times": len(nights), "first_night": first.isoformat(), "last_night": last.isoformat()},
    )
