"""What to send now: one message for each finding, quiet at night, repeated once if not acknowledged.

Pure: it takes what stands out, what was sent, and the time, and returns what to send. Delivery is done
elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

# In order. A fault means missing data: it costs nights, but needs no doctor.
Urgency = Literal["note", "finding", "fault", "doctor", "at_once"]
URGENCIES: tuple[Urgency, ...] = ("note", "finding", "fault", "doctor", "at_once")
Step = Literal["first", "more_urgent", "unanswered", "over"]

_HOUR_US = 3_600_000_000
_DIGEST_WITHIN = timedelta(days=1)
_DIGESTS_APART_US = 6 * 24 * _HOUR_US


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that could be sent: a finding or a fault.

    key: identifies it for as long as it lasts. open: it still applies; answered: it has been acknowledged.
    title is one line, text the rest.
    """

    key: str
    urgency: Urgency
    title: str
    text: str
    open: bool = True
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What was sent about a subject: its urgency; when; when repeated; when its end was sent."""

    key: str
    urgency: Urgency
    title: str
    sent_utc_us: int
    unanswered_utc_us: int | None = None
    over_utc_us: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """When to send.

    quiet: from, until, local time; None: at no time. least: the lowest urgency that is sent.
    unanswered_after_h: hours to wait for an acknowledgement, 0: without limit.
    """

    quiet: tuple[time, time] | None = (time(22), time(8))
    least: Urgency = "finding"
    unanswered_after_h: float = 24.0


@dataclass(frozen=True, slots=True)
class Message:
    """A message to send now, and why now."""

    subject: Subject
    step: Step


def messages(
    subjects: Iterable[Subject],
    said: Mapping[str, Said],
    rules: Rules,
    now_utc_us: int,
    local: time,
    snoozed: Mapping[str | None, int] | None = None,
    sealed: bool = False,
) -> list[Message]:
    """What to send now, the most urgent first.

    said: by key. local: the time of day. snoozed: key -> the time until which nothing is sent about it; the
    key None stands for everything. In quiet hours only the most urgent messages are sent; the rest wait for
    their end. A snooze of everything does not hold back the most urgent messages; a snooze of a single
    subject does. sealed: only what is pressing is sent, as it would be without the seal.
    """
    until = snoozed or {}
    found = []
    for subject in subjects:
        if sealed and not pressing(subject.urgency):
            continue
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
        # The end of a finding is shown on its page; the return of data is worth a message.
        return "over" if subject.urgency == "fault" and said.over_utc_us is None else None
    if subject.answered:
        return None
    if URGENCIES.index(subject.urgency) > URGENCIES.index(said.urgency):
        return "more_urgent"
    waited_h = (now_utc_us - said.sent_utc_us) / _HOUR_US
    if (
        pressing(subject.urgency)
        and said.unanswered_utc_us is None
        and 0 < rules.unanswered_after_h <= waited_h
    ):
        return "unanswered"
    return None


def after(message: Message, said: Said | None, now_utc_us: int) -> Said:
    """The record of what was sent, once `message` is out."""
    subject = message.subject
    if message.step in ("first", "more_urgent") or said is None:
        return Said(subject.key, subject.urgency, subject.title, now_utc_us)
    again = now_utc_us if message.step == "unanswered" else said.unanswered_utc_us
    over = now_utc_us if message.step == "over" else said.over_utc_us
    return Said(said.key, said.urgency, said.title, said.sent_utc_us, again, over)


def gone(said: Iterable[Said], subjects: Sequence[Subject]) -> list[Subject]:
    """Faults about which something was sent and that are no longer among the subjects, so they are over."""
    known = {subject.key for subject in subjects}
    return [
        Subject(one.key, one.urgency, one.title, "", open=False)
        for one in said
        if one.urgency == "fault" and one.over_utc_us is None and one.key not in known
    ]


def pressing(urgency: Urgency) -> bool:
    """Whether it cannot wait for the end of a seal: a reason to see a doctor, or missing data."""
    return URGENCIES.index(urgency) >= URGENCIES.index("fault")


@dataclass(frozen=True, slots=True)
class Weekly:
    """When the digest is sent: the weekday, 0 for Monday, and the time of day, local."""

    weekday: int
    at: time


def digest_due(
    weekly: Weekly | None,
    sent_utc_us: int | None,
    now: datetime,
    rules: Rules,
    snoozed: Mapping[str | None, int],
    *,
    sealed: bool,
) -> bool:
    """Whether to send the digest at `now`, which has its zone.

    sent_utc_us: when the last one was sent. It is sent within a day of its time, or left out until the next
    week, so that two are never less than six days apart. It waits for the end of quiet hours and of a snooze
    of everything; under a seal there is none.
    """
    now_utc_us = int(now.timestamp() * 1e6)
    if weekly is None or sealed or is_quiet(rules, now.time()) or now_utc_us < snoozed.get(None, 0):
        return False
    since = now.replace(hour=weekly.at.hour, minute=weekly.at.minute, second=0, microsecond=0)
    since -= timedelta(days=(now.weekday() - weekly.weekday) % 7)
    if since > now:
        since -= timedelta(days=7)
    if now - since >= _DIGEST_WITHIN:
        return False
    return sent_utc_us is None or now_utc_us - sent_utc_us >= _DIGESTS_APART_US


def is_quiet(rules: Rules, local: time) -> bool:
    """Whether this time of day is a quiet one; quiet hours may pass midnight."""
    if rules.quiet is None:
        return False
    start, end = rules.quiet
    if start <= end:
        return start <= local < end
    return local >= start or local < end
