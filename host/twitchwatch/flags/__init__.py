"""Findings with their evidence, in plain words that never diagnose."""

from twitchwatch.flags.finding import URGENCIES, Confidence, Finding, State, Urgency
from twitchwatch.flags.raising import raise_flags
from twitchwatch.flags.silence import Sight, deaf_flag, silence_flag
from twitchwatch.flags.symptoms import SYMPTOMS, Symptom, symptom_flags

__all__ = [
    "SYMPTOMS",
    "URGENCIES",
    "Confidence",
    "Finding",
    "Sight",
    "State",
    "Symptom",
    "Urgency",
    "deaf_flag",
    "raise_flags",
    "silence_flag",
    "symptom_flags",
]
