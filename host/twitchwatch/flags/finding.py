"""A finding: what stands out, with its evidence and its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Confidence = Literal["low", "moderate", "high"]
State = Literal["new", "acknowledged", "resolved"]
Number = int | float | str | None

# note: normal or good to know; finding: worth a look; doctor: worth showing to a doctor; at_once: now.
Urgency = Literal["note", "finding", "doctor", "at_once"]
URGENCIES: tuple[Urgency, ...] = ("note", "finding", "doctor", "at_once")


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding about one sensor's nights: one episode, which grows with the nights that belong to it.

    kind: as in `titles.TITLES`. scope: "night" if each night shows it by itself, "nights" if only several
    nights together do. sensor: its name. night, last_night: the first and the last
    evening it was seen; None if it belongs to none. since_utc_us: its beginning. resolved_utc_us: when the
    condition in `resolved_when` came true; None until then.

    evidence and statistics: named numbers with their unit in the name; records: seqs of the records on which
    it is based, in the sensor's log; waveforms: those of snippets among them. versions: those by which it was
    derived. The words: `words` says what was seen, `may_mean`, `to_try` and `see_doctor` what to make of it.

    state and id are kept beside the records, not derived: see `flags.ledger`.
    """

    kind: str
    scope: Literal["night", "nights"]
    sensor: str
    night: date | None
    since_utc_us: int
    confidence: Confidence
    words: str
    may_mean: str
    to_try: str
    see_doctor: str
    resolved_when: str
    evidence: Mapping[str, Number | tuple[str, ...]]
    statistics: Mapping[str, Number] = field(default_factory=dict)
    records: tuple[int, ...] = ()
    waveforms: tuple[int, ...] = ()
    hardware_id: str = ""
    last_night: date | None = None
    urgency: Urgency = "finding"
    resolved_utc_us: int | None = None
    versions: Mapping[str, Number | tuple[str, ...]] = field(default_factory=dict)
    state: State = "new"
    id: int | None = None

    @property
    def pressing(self) -> bool:
        """Whether it cannot wait: a reason to see a doctor, or missing data."""
        return self.urgency in ("doctor", "at_once") or self.kind == "no_data"

    @property
    def identity(self) -> str:
        """What identifies its sensor."""
        return self.hardware_id or self.sensor

    @property
    def key(self) -> str:
        """The same finding, derived again, has the same key, so that its state can be stored separately."""
        return f"{self.identity}/{self.kind}/{self.scope}/{self.night or self.since_utc_us}"
