"""Findings as subjects of messages."""

from __future__ import annotations

from collections.abc import Iterable

from twitchwatch.alerts.policy import Subject, Urgency
from twitchwatch.flags import Finding
from twitchwatch.flags.missing import NOT_WORN
from twitchwatch.flags.titles import title_of

NO_DIAGNOSIS = "Twitchwatch is not a medical device. This is not a diagnosis."
# A message is read on a lock screen, so its origin comes first.
NAME = "Twitchwatch"


def subject_of(flag: Finding) -> Subject:
    """What could be sent about a finding."""
    fault = flag.kind == "no_data"
    urgency: Urgency = "fault" if fault else flag.urgency
    if fault and _left_off(flag):
        urgency = "note"
    what = title_of(flag.kind, flag.scope)
    parts = [flag.words, flag.to_try, flag.see_doctor, "" if fault else NO_DIAGNOSIS]
    return Subject(
        key=flag.key if flag.id is None else f"finding/{flag.id}",
        urgency=urgency,
        title=f"{NAME}: {what} ({flag.sensor})",
        text=" ".join(part for part in parts if part),
        open=flag.state != "resolved",
        answered=flag.state == "acknowledged",
    )


def _left_off(flag: Finding) -> bool:
    """Whether the wearer left the sensor off for one night: it works, and they know."""
    return flag.evidence.get("cause") == NOT_WORN and flag.evidence.get("nights") == 1


def subjects_of(flags: Iterable[Finding]) -> list[Subject]:
    """What could be sent about these findings."""
    return [subject_of(flag) for flag in flags]
