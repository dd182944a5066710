"""The versions of MicroPython that are known good and bad on each chip; the data is in versions.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Version = tuple[int, int, int]
Verdict = Literal["good", "bad", "unknown"]

# The first with native code for RISC-V (mpy-cross -march=rv32imc), which the ESP32-C3 needs.
OLDEST: Version = (1, 24, 0)


@dataclass(frozen=True)
class Known:
    """What is known about MicroPython on a chip in versions `first` to `last`, and the source."""

    chip: str
    first: Version
    last: Version
    verdict: Verdict
    what: str
    source: str

    @property
    def versions(self) -> str:
        """Which versions, in words."""
        return (
            dotted(self.first) if self.first == self.last else f"{dotted(self.first)} to {dotted(self.last)}"
        )


@cache
def known() -> tuple[Known, ...]:
    """Every row of versions.json."""
    rows = json.loads(Path(__file__).with_name("versions.json").read_text(encoding="utf-8"))
    return tuple(
        Known(
            row["chip"],
            _version(row["from"]),
            _version(row["to"]),
            row["verdict"],
            row["what"],
            row["source"],
        )
        for row in rows
    )


def known_fault(chip: str, version: Version) -> Known | None:
    """The fault of this version on this chip, None if none is known."""
    return next(
        (
            row
            for row in known()
            if (row.chip, row.verdict) == (chip, "bad") and row.first <= version <= row.last
        ),
        None,
    )


def doubt(chip: str, version: Version) -> str:
    """The message for a version that is not known to work on this chip; "" if it is known."""
    rows = [row for row in known() if row.chip == chip]
    row = next((row for row in rows if row.first <= version <= row.last), None)
    if row is not None and row.verdict != "unknown":
        return ""
    why = f": {row.what} ({row.source})" if row is not None else ""
    good = ", ".join(row.versions for row in rows if row.verdict == "good")
    instead = f" Known good: {good}." if good else ""
    return f"It is not known whether MicroPython {dotted(version)} works on the {chip}{why}.{instead}"


def versions_wanted(chip: str | None) -> str:
    """Which versions to use on a chip, in words."""
    words = f"version {dotted(OLDEST)} or newer"
    bad = [row.versions for row in known() if (row.chip, row.verdict) == (chip, "bad")]
    good = [row.versions for row in known() if (row.chip, row.verdict) == (chip, "good")]
    if bad:
        words += f" but not {', '.join(bad)}"
    return f"{words} (known good: {', '.join(good)})" if good else words


def dotted(version: Version) -> str:
    """1.24.0."""
    return ".".join(str(number) for number in version)


def _version(numbers: list[int]) -> Version:
    major, minor, patch = numbers
    return major, minor, patch
