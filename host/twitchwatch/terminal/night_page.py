"""One night for people: its hours, its tremor, what stands out."""

from __future__ import annotations

from collections.abc import Sequence

from twitchwatch.analysis.night import Night
from twitchwatch.archive.nights import RatedNight
from twitchwatch.clock.dates import evening
from twitchwatch.flags import Finding
from twitchwatch.terminal.page import Page
from twitchwatch.wording.annotating import annotated_words
from twitchwatch.wording.events import machine_words
from twitchwatch.wording.findings import advice_of, of_night, stands_out
from twitchwatch.wording.night_parts import bout_rows, hour_rows
from twitchwatch.wording.nights import caveats, parts_reported, range_reported, sentence
from twitchwatch.wording.units import NO_DIAGNOSIS

# Bars of at most this width leave room for the numbers in 80 columns.
BAR = 28
_NUMBERS = 38


def show_night(page: Page, one: RatedNight, flags: Sequence[Finding]) -> None:
    """Print a night: a sentence, its hours as a table, its tremor bouts, and its flags in plain words."""
    night = one.night
    page.heading(f"Night of {evening(night.date)}, {night.device}")
    page.say(sentence(one))
    for words in (*range_reported(one), *parts_reported(night), *caveats(night), *annotated_words(one)):
        page.say(words)
    page.gap()
    _hours(page, night)
    _tremor(page, night)
    own = of_night(flags, night)
    for flag in own:
        page.heading(stands_out(flag))
        page.say(flag.words, indent=2)
        if said := flag.may_mean.removesuffix(NO_DIAGNOSIS).strip():
            page.say(said, indent=2)
        page.gap()
    for label, text in advice_of(own):
        page.say(text, label=label)
        page.gap()
    page.say(NO_DIAGNOSIS)
    page.gap()


def _hours(page: Page, night: Night) -> None:
    page.table(
        ("Hour", "Rest", "Twitches", "An hour", ""),
        hour_rows(night, max(0, min(BAR, page.width - _NUMBERS))),
        right=("Rest", "Twitches", "An hour"),
    )
    page.gap()


def _tremor(page: Page, night: Night) -> None:
    if night.disturbances:
        page.say(machine_words(line.frequency_hz for line in night.disturbances))
    if not night.bouts:
        page.say("No tremor.")
    else:
        page.table(
            ("Tremor at", "Lasted", "Frequency", "Amplitude (rms)"),
            bout_rows(night),
            right=("Lasted", "Frequency", "Amplitude (rms)"),
        )
    page.gap()
