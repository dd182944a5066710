"""The events of nights for people: a row for each, and how many there are of which class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from twitchwatch.analysis.night import NightEvent, WholeNight
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import zone_of
from twitchwatch.terminal.drawing import LEGEND, night_strip, waveform_rows
from twitchwatch.terminal.page import Page
from twitchwatch.views.events import events_of
from twitchwatch.views.waveform import WaveformView
from twitchwatch.wording.events import counted_words, doubted, event_row
from twitchwatch.wording.units import NO_DIAGNOSIS, magnitude, span

Plot = tuple[NightEvent, WaveformView] | None


def show_events(page: Page, nights: Sequence[WholeNight], plots: Sequence[Plot] | None = None) -> None:
    """Print every event of these nights, in chronological order.

    plots: for each night its largest twitch with a waveform, if the nights are to be drawn.
    """
    for at, night in enumerate(nights):
        page.heading(f"{evening(night.date)}, {night.device}")
        if plots is not None:
            _draw(page, night, plots[at])
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


def _draw(page: Page, night: WholeNight, plot: Plot) -> None:
    strip = night_strip(night, page.width, plain=page.plain)
    for line in strip:
        page.line(line)
    if strip:
        page.say(LEGEND)
        page.gap()
    if plot is not None:
        event, wave = plot
        at = datetime.fromtimestamp(event.utc_us / 1e6, zone_of(night.zone))
        page.say(f"Largest twitch with a waveform: {at:%H:%M:%S}, {magnitude(event.peak_mg, 'mg')}")
        for line in waveform_rows(wave, page.width, plain=page.plain):
            page.line(line)
        page.say(f"The axis that moved most, for {span(len(wave.x_mg) / wave.rate_hz)}.")
        page.gap()
