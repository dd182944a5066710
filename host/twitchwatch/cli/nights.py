"""`twitchwatch nights`: one line a night."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import NightChoice, database_option, device_option, json_option, night_options
from twitchwatch.cli.output import write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twitchwatch.analysis.night import Night
    from twitchwatch.analysis.rates import Rate
    from twitchwatch.cli.page import Page
    from twitchwatch.shelf import Sensor


@click.command("nights")
@night_options
@device_option
@database_option
@json_option
def command(choice: NightChoice, device: str | None, database: Path, as_json: bool) -> None:
    """List the nights: rest, twitches an hour of rest with their 95 % interval, tremor, time lost.

    A night goes from noon to noon and has the date of its evening. Rest is the time in which a twitch could
    have been seen.
    """
    from twitchwatch.cli.archive import chosen_nights, rated, read_sensors, why_nothing
    from twitchwatch.cli.page import Page
    from twitchwatch.export.json_lines import night_to_json
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        sensors = read_sensors(store, device)
    nights = chosen_nights(sensors, choice)
    if as_json:
        for night, found in rated(sensors, nights):
            write_json(night_to_json(night, found))
    elif nights:
        _show(Page(), rated(sensors, nights), sensors)
    else:
        Page().say(why_nothing(sensors, choice))


def _show(page: Page, told: Sequence[tuple[Night, Rate]], sensors: Sequence[Sensor]) -> None:
    from twitchwatch.analysis.rates import left_out
    from twitchwatch.cli.archive import evening, undated_words
    from twitchwatch.cli.night_page import board_told, faults_told
    from twitchwatch.cli.page import NO_DIAGNOSIS, span

    nights = [night for night, _ in told]
    several = len(sensors) > 1
    columns = ("Night", "Rest", "Twitches", "An hour", "95 %", "Tremor", "Lost", "Limit")
    page.table(
        (*columns, "Sensor") if several else columns,
        [(*_row(night, found), night.device) if several else _row(night, found) for night, found in told],
        right=("Rest", "Twitches", "Tremor", "Lost", "Limit"),
    )
    page.gap()
    if any(left_out(night) and night.wear == "worn" for night in nights):
        page.say("* Less than 2 h of rest asleep: too little to compare with other nights.")
    if any(night.wear == "unknown" for night in nights):
        page.say("? The sensor's own noise hides whether it was worn.")
    if any(night.unusable_h for night in nights):
        page.say("! Some of the samples could not be used.")
    for night in nights:
        if night.wear == "not worn":
            page.say(f"{evening(night.date)}: not worn, it lay still for {span(night.not_worn_h * 3600)}.")
        for words in (*faults_told(night), *board_told(night)):
            page.say(f"{evening(night.date)}: {words[0].lower()}{words[1:]}")
    page.say("Limit: the smallest twitch that the night's noise let the sensor see.")
    if undated := sum(sensor.undated for sensor in sensors):
        page.say(undated_words(undated))
    page.say(NO_DIAGNOSIS)


def _mark(night: Night) -> str:
    from twitchwatch.analysis.rates import left_out

    faulty = "!" if night.unusable_h else ""
    unknown = "?" if night.wear == "unknown" else ""
    return faulty + unknown + ("*" if left_out(night) and night.wear == "worn" else "")


def _row(night: Night, found: Rate) -> tuple[str, ...]:
    from twitchwatch.cli.archive import evening
    from twitchwatch.cli.page import magnitude, span

    known = found.per_hour is not None
    tremor_s = sum(bout.duration_s for bout in night.bouts)
    lost_h = night.lost_h + night.off_h
    limit = night.detection_limit_mg
    return (
        evening(night.date),
        f"{night.rest_h:.1f} h" + _mark(night),
        f"{night.twitches:,}",
        f"{found.per_hour:.1f}" if known else "-",
        f"{found.interval_low:.1f}-{found.interval_high:.1f}" if known else "-",
        span(tremor_s) if tremor_s else "-",
        span(lost_h * 3600) if lost_h else "-",
        "-" if limit is None else magnitude(limit, "mg"),
    )
