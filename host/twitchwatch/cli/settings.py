"""`twitchwatch settings`: the settings of a sensor: those in force, and those waiting to be sent."""

from __future__ import annotations

import time
from pathlib import Path

import click

from twitchwatch.cli.options import database_option, json_option, sensor_option
from twitchwatch.errors import UsageError, did_you_mean
from twitchwatch.terminal.output import write_json, write_text


@click.group("settings")
def command() -> None:
    """Show and change the settings of a sensor: its timing, and every threshold of its detector.

    A change waits here until the next sync session; in live mode it is sent within seconds. The sensor
    checks and applies it at once, and logs all settings in force, so every night contains its settings.
    """


@command.command("show")
@click.argument("name", required=False)
@sensor_option
@database_option
@json_option
def show(name: str | None, sensor: str | None, database: Path, as_json: bool) -> None:
    """Show all settings of a sensor, or one with its reason, source and limits.

    A value is the last one that the sensor reported, or `-` if it has never synced.
    """
    from twitchwatch.archive.settings import held_by, sensors_known, waiting_for
    from twitchwatch.sensor_settings import SETTINGS
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.sensor_pages import show_setting, show_settings
    from twitchwatch.views.sensors import setting_view

    if name is not None and name not in SETTINGS:
        like = did_you_mean(name, SETTINGS)
        raise UsageError(f"There is no setting {name!r}.{like} `twitchwatch settings show` lists them.")
    wanted = [SETTINGS[name]] if name is not None else list(SETTINGS.values())
    page = Page()
    with Store.open_existing(database) as store:
        for one in sensors_known(store, sensor):
            held, waiting = held_by(store, one), waiting_for(store, one)
            if as_json:
                for setting in wanted:
                    write_json(setting_view(one, setting, held, waiting))
            elif name is not None:
                show_setting(page, one, wanted[0], held, waiting)
            else:
                show_settings(page, one, held, waiting)


@command.command("set")
@click.argument("name")
@click.argument("value")
@sensor_option
@database_option
def change(name: str, value: str, sensor: str | None, database: Path) -> None:
    """Set NAME to VALUE in the next sync session; `default` restores the default."""
    from twitchwatch.archive.settings import sensors_known
    from twitchwatch.sensor_settings import in_json
    from twitchwatch.store import Store

    try:
        text = in_json(name, value)
    except ValueError as error:
        raise UsageError(str(error)) from error
    with Store.open_existing(database) as store:
        sensors = sensors_known(store, sensor)
        if len(sensors) > 1:
            names = ", ".join(sensor.name for sensor in sensors)
            raise UsageError(f"There are several sensors ({names}). Choose one with --sensor.")
        store.changes.ask(sensors[0].hardware_id, name, text, int(time.time()) * 1_000_000)
        write_text(f"{name} becomes {value} in the next sync session with {sensors[0].name}.")
