"""The table of outcomes, as it stands in docs/reliability.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.faults.judge import Outcome
from bench.faults.table import Fault


def page(outcomes: Mapping[Any, Outcome], faults: Sequence[Fault], columns: int) -> str:
    return "\n".join(f"{case}: {outcome}" for case, outcome in outcomes.items() if outcome.short)
