"""The wearer's journal of each evening: caffeine, alcohol, exercise, symptoms; sealed before its night."""

from twitchwatch.journal.entry import (
    SEAL_HOUR,
    Entry,
    Revision,
    entries,
    evening_of,
    morning_sealed_at,
    sealed_at,
)
from twitchwatch.journal.fields import FIELDS, Field, factors, reported

__all__ = [
    "FIELDS",
    "SEAL_HOUR",
    "Entry",
    "Field",
    "Revision",
    "entries",
    "evening_of",
    "factors",
    "morning_sealed_at",
    "reported",
    "sealed_at",
]
