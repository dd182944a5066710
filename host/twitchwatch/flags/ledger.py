"""Ledger: the state of each finding. Findings are derived again each time; what people did is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from twitchwatch.flags.finding import URGENCIES, Finding, State, Urgency

# If late records or a new analysis move a finding's first night by up to this much, it remains the same.
SAME_WITHIN_US = 7 * 24 * 3_600_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What is stored for one finding. `id` is None until the database has given it a number.

    since_utc_us, until_utc_us: when the finding begins, and when its evidence ends. raised_utc_us,
    derived_utc_us: when it was derived first, and when that last changed it. acknowledged_urgency: how urgent
    it was when it was acknowledged; None if it was not. resolved_utc_us: when its end was noticed.
    """

    id: int | None
    key: str
    identity: str
    kind: str
    scope: str
    since_utc_us: int
    until_utc_us: int
    raised_utc_us: int
    derived_utc_us: int
    acknowledged_utc_us: int | None
    acknowledged_urgency: Urgency | None
    resolved_utc_us: int | None

    def state(self, urgency: Urgency) -> State:
        """New, acknowledged or resolved; one that became more urgent since it was seen is new again."""
        if self.resolved_utc_us is not None:
            return "resolved"
        known = self.acknowledged_urgency
        if known is None or URGENCIES.index(urgency) > URGENCIES.index(known):
            return "new"
        return "acknowledged"


@dataclass(frozen=True, slots=True)
class Settled:
    """One finding with its entry. flag: None if it was derived before and no longer is."""

    entry: Entry
    flag: Finding | None


def settle(entries: Sequence[Entry], flags: Iterable[Finding], now_utc_us: int) -> list[Settled]:
    """Every derived finding with its entry, old or new, and every entry without a finding.

    An entry that lost its finding is resolved: late records or a better analysis removed it, or a silent
    sensor sent data. It reopens if the finding returns.
    """
    left = {entry.key: entry for entry in entries}
    settled: list[Settled] = []
    unpaired: list[Finding] = []
    for flag in flags:
        entry = left.pop(flag.key, None)
        if entry is None:
            unpaired.append(flag)
        else:
            settled.append(_brought_up(entry, flag, now_utc_us))
    for flag in unpaired:
        kin = [entry for entry in left.values() if _is_same(entry, flag)]
        if kin:
            nearest = min(kin, key=lambda entry: abs(entry.since_utc_us - flag.since_utc_us))
            settled.append(_brought_up(left.pop(nearest.key), flag, now_utc_us))
        else:
            settled.append(_brought_up(_fresh(flag, now_utc_us), flag, now_utc_us))
    for entry in left.values():
        ended = entry.resolved_utc_us if entry.resolved_utc_us is not None else now_utc_us
        settled.append(Settled(replace(entry, resolved_utc_us=ended), None))
    return settled


def _brought_up(entry: Entry, flag: Finding, now_utc_us: int) -> Settled:
    key, until_us = flag.key, until_of(flag)
    before = entry.key, entry.since_utc_us, entry.until_utc_us, entry.resolved_utc_us
    if before != (key, flag.since_utc_us, until_us, flag.resolved_utc_us):
        entry = replace(
            entry,
            key=key,
            since_utc_us=flag.since_utc_us,
            until_utc_us=until_us,
            derived_utc_us=now_utc_us,
            resolved_utc_us=flag.resolved_utc_us,
        )
    return Settled(entry, replace(flag, state=entry.state(flag.urgency), id=entry.id))


def _fresh(flag: Finding, now_utc_us: int) -> Entry:
    return Entry(
        id=None,
        key=flag.key,
        identity=flag.identity,
        kind=flag.kind,
        scope=flag.scope,
        since_utc_us=flag.since_utc_us,
        until_utc_us=until_of(flag),
        raised_utc_us=now_utc_us,
        derived_utc_us=now_utc_us,
        acknowledged_utc_us=None,
        acknowledged_urgency=None,
        resolved_utc_us=None,
    )


def until_of(flag: Finding) -> int:
    """Roughly the end of the finding's evidence: a day after the noon of its last evening."""
    if flag.night is None or flag.last_night is None:
        return flag.since_utc_us
    return flag.since_utc_us + (flag.last_night - flag.night).days * 24 * 3_600_000_000


def _is_same(entry: Entry, flag: Finding) -> bool:
    if (entry.identity, entry.kind, entry.scope) != (flag.identity, flag.kind, flag.scope):
        return False
    begins, ends = flag.since_utc_us - SAME_WITHIN_US, until_of(flag) + SAME_WITHIN_US
    return entry.since_utc_us <= ends and entry.until_utc_us >= begins
