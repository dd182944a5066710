"""The morning page in a terminal: last night, the two weeks before it, and the one thing to do."""

from __future__ import annotations

from twitchwatch.archive.morning import Morning
from twitchwatch.clock.dates import evening
from twitchwatch.terminal.page import Page
from twitchwatch.wording.morning import (
    data_words,
    gap_words,
    morning_words,
    strip_words,
    to_do_command,
    to_do_words,
)
from twitchwatch.wording.units import NO_DIAGNOSIS


def show_morning(page: Page, morning: Morning, *, named: bool) -> None:
    """Print it; named: with the sensor's name, if there are several."""
    sensor = f", {morning.sensor.device.name}" if named else ""
    page.heading(f"Night of {evening(morning.night)}{sensor}")
    page.say(morning_words(morning), style="" if morning.last else "bold")
    page.gap()
    if morning.sealed_until_utc_us is None:
        page.say(strip_words(morning, plain=page.plain), label="Two weeks")
    for words in gap_words(morning):
        page.say(words)
    page.say(data_words(morning))
    command = to_do_command(morning)
    page.say(to_do_words(morning) + (f" `{command}`" if command else ""), label="To do")
    page.say(NO_DIAGNOSIS)
    page.gap()
