"""The events of nights for people: a row for each, and how many there are of which class."""

from __future__ import annotations

from collections.abc import Sequence

from twitchwatch.analysis.night import WholeNight
from twitchwatch.clock.zone import zone_of
from twitchwatch.terminal.page import Page
from twitchwatch.views.events import events_of
from twitchwatch.wording.events import counted_words, doubted, event_row
from twitchwatch.wording.units import NO_DIAGNOSIS, evening


def show_events(page: Page, nights: Sequence[WholeNight]) -> None:
    """Print every event of these nights, in chronological order."""
    for night in nights:
        page.heading(f"{evening(night.date)}, {night.device}")
        lines = events_of(night)
        if lines:
            page.table(
                ("Time", "What", "Lasts", "Peak", "No.", "Details"),
                [event_row(line, zone_of(night.zone)) for line in lines],
                right=("Lasts", "Peak", "No."),
                titles=2,
                styles=["bold" if line.kind in ("tremor", "mark") else "" for line in lines],
            )
        else:
            page.say("No events.")
        if any(doubted(line) for line in lines):
            page.say("? The waveform check suggests something else, but not with certainty.")
        page.say(counted_words(night))
        page.gap()
    page.say(NO_DIAGNOSIS)
