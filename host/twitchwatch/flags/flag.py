"""Flag: one finding, its evidence and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Confidence = Literal["low", "moderate", "high"]
State = Literal["new", "acknowledged", "resolved"]
Number = int | float | str | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A finding about one device's nights.

    kind: "tremor", "escalation", "easing" or "no_data". scope: "night", or "nights" for one across nights.
    since_utc_us: where it begins. evidence and statistics: named numbers with their unit in the name;
    records: seqs of the records it rests on. The words: `words` says what was seen, `may_mean`, `to_try` and
    `see_doctor` what to make of it, `taken_back_by` what would end the finding.
    """

    kind: str
    scope: Literal["night", "nights"]
    device: str
    night: date | None
    since_utc_us: int
    confidence: Confidence
    words: str
    may_mean: str
    to_try: str
    see_doctor: str
    taken_back_by: str
    evidence: Mapping[str, Number | tuple[str, ...]]
    statistics: Mapping[str, Number] = field(default_factory=dict)
    records: tuple[int, ...] = ()
    state: State = "new"

    @property
    def key(self) -> str:
        """The same finding, derived again, has the same key: its state can be kept beside it."""
        return f"{self.device}/{self.kind}/{self.scope}/{self.night or self.since_utc_us}"
