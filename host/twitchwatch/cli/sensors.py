"""`twitchwatch sensors`: the sensors known here, and the keys they share with this computer."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import database_option, json_option
from twitchwatch.terminal.output import write_json, write_text


@click.group("sensors", invoke_without_command=True)
@click.option("--logs", is_flag=True, help="A row for each log, as with --json: formatting starts a new one.")
@database_option
@json_option
@click.pass_context
def command(context: click.Context, logs: bool, database: Path, as_json: bool) -> None:
    """List the sensors whose records are stored here.

    An unpaired one shares no key with this computer; it can sync again after `twitchwatch sensors rekey`.
    """
    if context.invoked_subcommand is not None:
        context.obj = database
        return
    from twitchwatch.link.keys import Keys
    from twitchwatch.store import Store
    from twitchwatch.terminal.page import Page
    from twitchwatch.terminal.sensor_pages import show_known
    from twitchwatch.views.sensors import known_device

    with Store.open_existing(database) as store:
        known = store.status()
    paired = Keys.beside(database).load()
    if as_json:
        for status in known:
            write_json(known_device(status, paired=status.device.hardware_id in paired))
    else:
        show_known(Page(), known, paired, logs=logs)


_database = click.option(
    "--database",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The database with your records; you can also give it as `sensors --database`.",
)


@command.command("forget")
@click.argument("name")
@_database
@click.pass_obj
def forget(known: Path, name: str, database: Path | None) -> None:
    """Delete the key that this computer shares with a sensor, which can then no longer sync.

    NAME is the sensor's name, hardware id or number. Its records stay, here and on the sensor. The sensor
    keeps its copy of the key until it is re-flashed or paired again.
    """
    from twitchwatch.archive.selection import named_sensor
    from twitchwatch.errors import UsageError
    from twitchwatch.link.keys import Keys

    path = database or known
    hardware_id, called = named_sensor(path, name)
    if not Keys.beside(path).forget(hardware_id):
        raise UsageError(f"This computer shares no key with {called}; there is nothing to forget.")
    write_text(
        f"The key of {called} is deleted. Its records stay; `twitchwatch sensors rekey` pairs it again."
    )


@command.command("rekey")
@click.argument("name", required=False)
@click.option("--port", help="Serial port of the sensor, such as /dev/ttyACM0 or COM3; found by default.")
@_database
@click.pass_obj
def rekey(known: Path, name: str | None, port: str | None, database: Path | None) -> None:
    """Give the sensor connected by cable a new key, shared with this computer.

    Its firmware, its records and its keys for other computers stay. If you give NAME (name, hardware id or
    number), any other sensor is rejected.
    """
    from twitchwatch.archive.selection import named_sensor
    from twitchwatch.flash import Host, Progress, rekey
    from twitchwatch.terminal.boards import WAIT_S, found_port

    path = database or known
    wanted = None if name is None else named_sensor(path, name)[0]
    hardware_id = rekey(found_port(port, WAIT_S, Progress()), Host.beside(path), wanted)
    write_text(f"{hardware_id} and this computer share a new key. It has been restarted.")
