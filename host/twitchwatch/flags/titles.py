"""The titles of findings in headings and messages."""

from __future__ import annotations

from twitchwatch.flags.symptoms import SYMPTOMS

TITLES = {
    "tremor": "Rhythmic shaking (tremor)",
    "rhythm": "Twitches in a rhythm",
    "escalation": "Twitching more often",
    "easing": "Twitching less often",
    "felt_awake": "Twitches felt while awake",
    "long_contractions": "Long contractions",
    "spread_tremor": "Rhythmic shaking at a second site",
    "spread_escalation": "Twitching more often at a second site",
    "periodic_movements": "Recurring movements",
    "fragmentary_myoclonus": "Many brief twitches",
    "hypnic_jerks": "Jerks while falling asleep",
    "no_data": "No data",
    **{f"symptom_{name}": f"You noted {reported}" for name, (reported, _) in SYMPTOMS.items()},
}
RISING_HOURS = "Unusually frequent twitching during the night"


def title_of(kind: str, scope: str) -> str:
    """The title of a finding of this kind and scope (`Finding.kind`, `Finding.scope`)."""
    if kind == "escalation" and scope == "night":
        return RISING_HOURS
    return TITLES.get(kind) or kind.replace("_", " ").capitalize()


def kind_of(title: str) -> str | None:
    """The kind that has this title (`rising_hours`: one night's escalation), or None if none has it."""
    if title == RISING_HOURS:
        return "rising_hours"
    return next((kind for kind, own in TITLES.items() if own == title), None)
