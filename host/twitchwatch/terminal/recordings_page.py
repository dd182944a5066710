"""Recordings for people: one with its events, or several as a table."""

from __future__ import annotations

from collections.abc import Sequence

from twitchwatch.analysis.input import TO_TELL, input_faults
from twitchwatch.recording.detection import Detection
from twitchwatch.terminal.page import Page
from twitchwatch.views.recordings import Summary, timeline
from twitchwatch.wording.recording import (
    RECORDING_COLUMNS,
    burst_rows,
    event_row,
    gap_sentences,
    recognised,
    recording_row,
    recordings_words,
    sentences,
)
from twitchwatch.wording.units import NO_DIAGNOSIS, span


def show_recording(page: Page, found: Detection) -> None:
    """Print what was found in a recording, and what was wrong with it."""
    page.heading(f"{found.source}: {span(found.duration_s)} at {found.contract.rate_hz:.4g} Hz")
    page.say(recognised(found))
    page.gap()
    lines = [line for line in timeline(found) if line.kind != "candidate"]
    if lines:
        page.table(
            ("Start", "What", "Lasts", "Peak", "Details"),
            [event_row(line) for line in lines],
            right=("Start", "Lasts", "Peak"),
            titles=2,
            styles=["bold" if line.kind == "tremor" else "" for line in lines],
        )
        page.gap()
    for sentence in sentences(found):
        page.say(sentence)
    for fault in input_faults(found.totals.input):
        if fault.bit & TO_TELL:
            page.say(f"{fault.words[0].upper()}{fault.words[1:]}.")
    for sentence in gap_sentences(found):
        page.say(sentence)
    page.gap()
    if found.candidates is not None:
        page.table(("Bursts", "Taken for", "Why"), burst_rows(found.candidates), right=("Bursts",), titles=2)
        page.gap()
    page.say(NO_DIAGNOSIS)


def show_recordings(page: Page, summaries: Sequence[Summary], files: int) -> None:
    """Print a row for each recording that could be read, of this many files."""
    if summaries:
        page.table(RECORDING_COLUMNS, [recording_row(one) for one in summaries], right=RECORDING_COLUMNS[1:])
        page.gap()
    page.say(recordings_words(summaries, files))
    page.say(NO_DIAGNOSIS)
