"""Findings in words: the most urgent first; what they have in common is stated once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from twitchwatch.analysis.night import Night
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import LOCAL
from twitchwatch.flags import URGENCIES, Finding, Urgency
from twitchwatch.flags.symptoms import JOURNAL, is_symptom
from twitchwatch.flags.titles import title_of
from twitchwatch.wording.evidence import EVIDENCE, UNITS
from twitchwatch.wording.units import NO_DIAGNOSIS

# The heading of each urgency, the most urgent first.
HEADINGS: dict[Urgency, str] = {
    "at_once": "At once",
    "doctor": "Show this to a doctor",
    "finding": "Stands out",
    "note": "Good to know",
}
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


def by_urgency(flags: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """New and resolved findings under their headings, the most urgent first, in each the newest first."""
    shown = [flag for flag in flags if flag.state != "acknowledged"]
    groups = [
        (urgency, [flag for flag in shown if flag.urgency == urgency]) for urgency in reversed(URGENCIES)
    ]
    return [
        (HEADINGS[urgency], sorted(own, key=lambda flag: flag.since_utc_us, reverse=True))
        for urgency, own in groups
        if own
    ]


def title_line(flag: Finding) -> str:
    """A finding in a line: what, when, and which sensor saw it."""
    ended = " (resolved)" if flag.state == "resolved" else ""
    seen_by = "" if flag.sensor == JOURNAL else f", {flag.sensor}"
    return f"{title_of(flag.kind, flag.scope)}: {when_of(flag)}{seen_by}{ended}"


def acknowledged_line(flags: Iterable[Finding]) -> str:
    """The findings that somebody has seen, in one line; empty if there are none."""
    named = [
        f"{flag.id} {lowered(title_of(flag.kind, flag.scope))}"
        for flag in flags
        if flag.state == "acknowledged"
    ]
    return f"Acknowledged: {', '.join(named)}." if named else ""


def what_matters(flag: Finding) -> str:
    """The one sentence that matters: what to do if it cannot wait, else what was seen."""
    if flag.urgency == "at_once":
        return flag.see_doctor
    return sentences(flag.words)[0]


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return _SENTENCE_END.split(text.strip()) if text.strip() else []


def once(texts: Iterable[str]) -> str:
    """All these texts as one, each sentence only where it comes first."""
    return " ".join(dict.fromkeys(sentence for text in texts for sentence in sentences(text)))


def when_of(flag: Finding) -> str:
    """The nights of a flag, in words."""
    if flag.night is None:
        return "now"
    if flag.last_night in (None, flag.night):
        return f"{'evening' if is_symptom(flag.kind) else 'night'} of {evening(flag.night)}"
    assert flag.last_night is not None
    return f"{evening(flag.night)} to {evening(flag.last_night)}"


def state_of(flag: Finding) -> str:
    """The state of a finding, and how to acknowledge it."""
    if flag.state == "new" and flag.id is not None:
        return f"new; once you have seen it, `twitchwatch flags ack {flag.id}`"
    return flag.state


def labelled(flag: Finding) -> list[tuple[str, str]]:
    """What there is to say about a finding besides its own words, each with its label."""
    urgent = flag.urgency == "at_once"
    parts = (
        (HEADINGS[flag.urgency], flag.see_doctor if urgent else ""),
        ("May mean", flag.may_mean),
        ("What to try", flag.to_try),
        ("See a doctor", "" if urgent else flag.see_doctor),
        ("Resolved when", flag.resolved_when),
        ("State", state_of(flag)),
    )
    said = ((label, once([text]).removesuffix(NO_DIAGNOSIS).strip()) for label, text in parts)
    return [(label, text) for label, text in said if text]


def of_night(flags: Iterable[Finding], night: Night) -> list[Finding]:
    """The findings of this night, the most urgent first."""
    own = [
        flag
        for flag in flags
        if flag.identity == night.identity
        and not is_symptom(flag.kind)
        and flag.night is not None
        and flag.night <= night.date <= (flag.last_night or flag.night)
    ]
    return sorted(own, key=lambda flag: -URGENCIES.index(flag.urgency))


def stands_out(flag: Finding) -> str:
    """The heading of a finding on the page of its night."""
    begin = "Good to know" if flag.urgency == "note" else "Stands out"
    return f"{begin}: {lowered(title_of(flag.kind, flag.scope))} ({flag.confidence} confidence)"


def evidence_rows(flag: Finding) -> list[tuple[str, str]]:
    """The evidence of a finding, for its wearer: names and values."""
    rows: list[tuple[str, str]] = []
    if (ratio := flag.evidence.get("ratio")) is not None:
        low, high = flag.evidence["interval_low"], flag.evidence["interval_high"]
        rows.append(("Change of the rate", f"{ratio:.1f} times (95 % interval {low:.1f} to {high:.1f})"))
    rows += [
        (name, words)
        for key, (name, reported) in EVIDENCE.items()
        if (value := flag.evidence.get(key)) is not None and value != () and (words := reported(value))
    ]
    return [*rows, ("Confidence", flag.confidence)]


def detail_rows(flag: Finding) -> list[tuple[str, str]]:
    """The figures behind it: all evidence and statistics, the records, and what it was derived by."""
    named = {**flag.evidence, **flag.statistics}.items()
    rows = [_plain(name, value) for name, value in named if value is not None and value != ()]
    rows += [(f"version of {name}", _value(value)) for name, value in flag.versions.items() if value]
    if flag.records:
        rows.append(("records", ", ".join(map(str, flag.records))))
    if flag.waveforms:
        rows.append(("waveforms", ", ".join(map(str, flag.waveforms))))
    return rows


def lowered(title: str) -> str:
    """A title within a sentence."""
    return title[:1].lower() + title[1:]


def _plain(name: str, value: object) -> tuple[str, str]:
    stem, _, unit = name.rpartition("_")
    if unit == "utc":
        at = datetime.fromisoformat(str(value)).astimezone(LOCAL)
        return stem.replace("_", " "), f"{evening(at)}, {at:%H:%M:%S}"
    if unit == "night":
        return name.replace("_", " "), evening(date.fromisoformat(str(value)))
    reported = _value(value)
    if unit in UNITS:
        name, reported = stem, f"{reported} {UNITS[unit]}"
    return name.replace("_", " "), reported


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return " / ".join(str(one) for one in value)
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def advice_of(flags: Sequence[Finding]) -> list[tuple[str, str]]:
    """What to try and when to see a doctor, for several findings together."""
    return [
        (label, text)
        for label, text in (
            ("What to try", once(flag.to_try for flag in flags)),
            ("See a doctor", once(flag.see_doctor for flag in flags)),
        )
        if text
    ]
