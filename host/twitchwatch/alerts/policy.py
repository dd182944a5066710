"""What to say now: one message a finding, quiet at night, once more where nobody answered.

Pure: it takes what stands out, what was said, and the time; it gives what to say. Who carries the message is
no business of this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Literal

# In order. A fault is data that does not come: it spoils nights, and waits for no doctor.
Urgency = Literal["note", "finding", "fault", "doctor", "at_once"]
URGENCIES: tuple[Urgency, ...] = ("note", "finding", "fault", "doctor", "at_once")
Step = Literal["first", "more_urgent", "unanswered", "over"]

_HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that could be said: a finding or a fault.

    key: stays the same as long as it is the same thing. open: it still holds; answered: somebody has
    acknowledged it. title is a line, text the rest.
    """

    key: str
    urgency: Urgency
    title: str
    text: str
    open: bool = True
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a subject: how urgent it was; when; when again unanswered; when that it is over."""

    key: str
    urgency: Urgency
    title: str
    sent_utc_us: int
    unanswered_utc_us: int | None = None
    over_utc_us: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """When to speak.

    quiet: from, until, local time; None: at no time. least: below that nothing is said. unanswered_after_h:
    how long an answer is waited for, 0: for ever.
    """

    quiet: tuple[time, time] | None = (time(22), time(8))
    least: Urgency = "finding"
    unanswered_after_h: float = 24.0


@dataclass(frozen=True, slots=True)
class Message:
    """What to say now, and why now."""

    subject: Subject
    step: Step


def messages(
    subjects: Iterable[Subject],
    said: Mapping[str, Said],
    rules: Rules,
    now_utc_us: int,
    local: time,
    snoozed: Mapping[str | None, int] | None = None,
) -> list[Message]:
    """What to say now, the most urgent first.

    said: by key. local: the time of day. snoozed: key -> until when nothing is said of it, None for
    everything. In quiet hours only what must be known at once comes through; the rest waits for their end. A
    snooze of everything holds nothing back that must be known at once; one of a single subject does.
    """
    until = snoozed or {}
    found = []
    for subject in subjects:
        step = _step(subject, said.get(subject.key), rules, now_utc_us)
        if step is None or now_utc_us < until.get(subject.key, 0):
            continue
        at_once = subject.urgency == "at_once" and step != "over"
        if not at_once and (is_quiet(rules, local) or now_utc_us < until.get(None, 0)):
            continue
        found.append(Message(subject, step))
    return sorted(found, key=lambda message: -URGENCIES.index(message.subject.urgency))


def _step(subject: Subject, said: Said | None, rules: Rules, now_utc_us: int) -> Step | None:
    if said is None or (said.over_utc_us is not None and subject.open):
        wanted = URGENCIES.index(subject.urgency) >= URGENCIES.index(rules.least)
        return "first" if subject.open and not subject.answered and wanted else None
    if not subject.open:
        # That a finding is over is on its page; that data comes again is worth a word.
        return "over" if subject.urgency == "fault" and said.over_utc_us is None else None
    if subject.answered:
        return None
    if URGENCIES.index(subject.urgency) > URGENCIES.index(said.urgency):
        return "more_urgent"
    waited_h = (now_utc_us - said.sent_utc_us) / _HOUR_US
    pressing = URGENCIES.index(subject.urgency) >= URGENCIES.index("fault")
    if pressing and said.unanswered_utc_us is None and 0 < rules.unanswered_after_h <= waited_h:
        return "unanswered"
    return None


def after(message: Message, said: Said | None, now_utc_us: int) -> Said:
    """What has been said once `message` is out."""
    subject = message.subject
    if message.step in ("first", "more_urgent") or said is None:
        return Said(subject.key, subject.urgency, subject.title, now_utc_us)
    again = now_utc_us if message.step == "unanswered" else said.unanswered_utc_us
    over = now_utc_us if message.step == "over" else said.over_utc_us
    return Said(said.key, said.urgency, said.title, said.sent_utc_us, again, over)


def gone(said: Iterable[Said], subjects: Sequence[Subject]) -> list[Subject]:
    """Faults of which something was said and that are no longer among the subjects: they are over."""
    known = {subject.key for subject in subjects}
    return [
        Subject(one.key, one.urgency, one.title, "", open=False)
        for one in said
        if one.urgency == "fault" and one.over_utc_us is None and one.key not in known
    ]


def is_quiet(rules: Rules, local: time) -> bool:
    """Whether this time of day is a quiet one; quiet hours may pass midnight."""
    if rules.quiet is None:
        return False
    start, end = rules.quiet
    if start <= end:
        return start <= local < end
    return local >= start or local < end
