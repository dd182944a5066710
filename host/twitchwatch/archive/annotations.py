"""Annotations: what people note about events, stretches and moments, and what follows from it for a night.

Rows are only ever added. A verdict on an event replaces an earlier one, and every entry can be taken back.
"""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from twitchwatch.analysis.annotations import LEFT_OUT, Corrections
from twitchwatch.archive.summaries import Runs
from twitchwatch.clock.calendar import Cut
from twitchwatch.foreign import one_line
from twitchwatch.store import AnnotationRow

VERDICT, NOTE, TAKEN_BACK = "verdict", "note", "taken_back"

# An event or a bout: its log, the start of the sensor, and the number of its record.
Event = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Annotation:
    """One entry.

    what: VERDICT, LEFT_OUT or NOTE. verdict: see `analysis.annotations`, "" of the others; events: those that
    it is about. from_utc_us, until_utc_us: what it is about, as dated when it was entered; the second is None
    for a moment. words: a reason or a note, may be empty.
    """

    id: int
    identity: str
    what: str
    entered_utc_us: int
    from_utc_us: int
    until_utc_us: int | None
    words: str
    verdict: str = ""
    events: tuple[Event, ...] = ()
    taken_back: bool = False


class Annotations:
    """The annotations of a store; `all` includes those that were taken back, in order of entry."""

    def __init__(self, rows: Sequence[AnnotationRow]) -> None:
        gone = {json.loads(row.body)["id"] for row in rows if row.what == TAKEN_BACK}
        self.all = [_read(row, row.id in gone) for row in rows if row.what != TAKEN_BACK]
        self._left_out: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._verdicts: defaultdict[tuple[str, int], dict[tuple[int, int], str]] = defaultdict(dict)
        self._seqs: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        for one in self.in_force():
            if one.what == LEFT_OUT and one.until_utc_us is not None:
                insort(self._left_out[one.identity], (one.from_utc_us, one.until_utc_us))
            for log_id, boot_id, seq in one.events:
                self._verdicts[one.identity, log_id][seq, boot_id] = one.verdict
        for log, verdicts in self._verdicts.items():
            self._seqs[log] = sorted(seq for seq, _ in verdicts)

    def in_force(self) -> Iterable[Annotation]:
        """Those that were not taken back, in order of entry."""
        return (one for one in self.all if not one.taken_back)

    def corrections(self, identity: str, runs: Runs, cut: Cut) -> Corrections | None:
        """What they change in a night of this sensor with these records; None if nothing."""
        verdicts: dict[tuple[int, int], str] = {}
        for log_id, (first, past) in runs.items():
            seqs = self._seqs.get((identity, log_id), [])
            own = set(seqs[bisect_left(seqs, first) : bisect_left(seqs, past)])
            if own:
                named = self._verdicts[identity, log_id].items()
                verdicts |= {(boot_id, seq): said for (seq, boot_id), said in named if seq in own}
        spans = tuple(
            span
            for span in self._left_out.get(identity, ())
            if span[0] < cut.end_us and cut.start_us < span[1]
        )
        return Corrections(verdicts, spans) if verdicts or spans else None


def body_of(one: Annotation) -> str:
    """What is kept of it beside its number, sensor, kind and time of entry, as JSON."""
    body: dict[str, object] = {"from_utc_us": one.from_utc_us, "until_utc_us": one.until_utc_us}
    if one.words:
        body["words"] = one.words
    if one.events:
        body |= {"verdict": one.verdict, "events": one.events}
    return json.dumps(body)


def _read(row: AnnotationRow, taken_back: bool) -> Annotation:
    body: Mapping[str, object] = json.loads(row.body)
    events = body.get("events", [])
    assert isinstance(events, list)
    until = body["until_utc_us"]
    return Annotation(
        row.id,
        row.identity,
        row.what,
        row.entered_utc_us,
        int(str(body["from_utc_us"])),
        None if until is None else int(str(until)),
        one_line(str(body.get("words", ""))),
        str(body.get("verdict", "")),
        tuple((log_id, boot_id, seq) for log_id, boot_id, seq in events),
        taken_back,
    )
