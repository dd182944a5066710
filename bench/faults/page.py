"""The table of outcomes for docs/reliability.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.faults.judge import Outcome
from bench.faults.table import Fault
from twitchwatch.shared.protocol import records

_PARTS = {value: name for name, value in vars(records).items() if name.startswith("PART_")}


def page(outcomes: Mapping[Any, Outcome], faults: Sequence[Fault], columns: int) -> str:
    """Outcomes alone, a row for each fault, then those of the pairs, then what falls short."""
    lines = [
        "| broken for two hours | tried on | minutes in the log, minimum | named | recovered within |",
        "| --- | ---: | ---: | --- | ---: |",
    ]
    for fault in faults:
        found = [outcome for case, outcome in outcomes.items() if case.names == (fault.name,)]
        if found:
            part = _PARTS.get(fault.part, "")
            named = "no" if any("not named" in w for outcome in found for w in outcome.short) else part
            lines.append(_row(fault.name, found, named))
    paired = {case: outcome for case, outcome in outcomes.items() if len(case.names) == 2}
    if paired:
        well = not any("not named" in w for outcome in paired.values() for w in outcome.short)
        lines.append(_row("all pairs of kinds", list(paired.values()), "both" if well else "not always"))
    short = [(str(case), outcome) for case, outcome in outcomes.items() if outcome.short]
    releases = sorted({case.column.release for case in outcomes})
    lines += [
        "",
        f"{len(outcomes):,} runs on {len({case.column for case in outcomes})} of {columns} columns (boards x"
        f" releases, {releases[0]} to {releases[-1]}); {len(outcomes) - len(short):,} as required.",
    ]
    lines += [f"- {name}: {'; '.join(outcome.short)}" for name, outcome in short]
    return "\n".join(lines)


def _row(name: str, found: Sequence[Outcome], named: str) -> str:
    share = min(outcome.share for outcome in found)
    healed_min = max(outcome.healed_s for outcome in found) / 60
    named = named.replace("PART_", "").lower() or "-"
    return f"| {name} | {len(found)} | {share:.1%} | {named} | {healed_min:.0f} min |"
