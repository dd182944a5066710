"""Findings for people: the list, one in full, and what a later analysis changed."""

from __future__ import annotations

from collections.abc import Sequence

from twitchwatch.archive.reanalysis import Change
from twitchwatch.flags import Finding
from twitchwatch.terminal.page import Page
from twitchwatch.wording.findings import (
    acknowledged_line,
    by_urgency,
    detail_rows,
    evidence_rows,
    labelled,
    title_line,
    what_matters,
)
from twitchwatch.wording.morning import sealed_words
from twitchwatch.wording.reanalysis import finding_row, night_row
from twitchwatch.wording.units import NO_DIAGNOSIS


def list_findings(page: Page, flags: Sequence[Finding], sealed_until_utc_us: int | None = None) -> None:
    """Print a line for each finding with the sentence that matters most, the most urgent first.

    sealed_until_utc_us: until when the list has only what is urgent; None if it has everything.
    """
    if sealed_until_utc_us is not None:
        page.say(
            f"{sealed_words(sealed_until_utc_us)} `twitchwatch flags --all` lists everything;"
            " `twitchwatch alerts unseal` ends the seal."
        )
        page.gap()
    groups = by_urgency(flags)
    for heading, own in groups:
        page.heading(heading)
        for flag in own:
            page.entry("-" if flag.id is None else str(flag.id), title_line(flag), what_matters(flag))
        page.gap()
    if not any(flag.urgency != "note" for flag in flags):
        page.say(
            "Nothing is urgent."
            if sealed_until_utc_us is not None
            else "Nothing stands out. See `twitchwatch nights` for what was recorded."
        )
    if seen := acknowledged_line(flags):
        page.say(seen)
    numbered = [flag.id for _, own in groups for flag in own if flag.id is not None]
    if numbered:
        page.say(
            f"`twitchwatch flags show {numbered[0]}` shows number {numbered[0]} in full;"
            f" `twitchwatch flags ack {numbered[0]}` marks it as seen."
        )
    page.say(NO_DIAGNOSIS)


def show_finding(page: Page, flag: Finding, *, details: bool) -> None:
    """Print a finding in full; details: also the statistics, the records and the versions."""
    page.heading(title_line(flag))
    page.say(flag.words)
    page.gap()
    for label, said in labelled(flag):
        page.say(said, label=label)
    page.gap()
    page.heading("Evidence")
    page.table(("", ""), evidence_rows(flag))
    page.gap()
    if details:
        page.heading("Details")
        page.table(("", ""), detail_rows(flag))
        page.gap()
    page.say(NO_DIAGNOSIS)


def show_changes(page: Page, changes: Sequence[Change], *, dry_run: bool) -> None:
    """Print what a new analysis of the same records changed."""
    nights = [change for change in changes if change.what == "night"]
    findings = [change for change in changes if change.what == "finding"]
    if nights:
        page.table(("Night", "Sensor", "", "What differs"), [night_row(change) for change in nights])
        page.gap()
    if findings:
        page.table(("Finding", "Since", "", "Now"), [finding_row(change) for change in findings])
        page.gap()
    if not changes:
        page.say("Nothing changed.")
    elif dry_run:
        page.say("Nothing was saved. Without --dry-run, these results replace the earlier ones.")
