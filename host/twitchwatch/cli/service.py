"""`twitchwatch service`: have the system start the daemon at login, and restart it after every failure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import backup_options, database_option, json_option, log_option
from twitchwatch.terminal.output import write_json

if TYPE_CHECKING:
    from twitchwatch.service.upkeep import Keeping


@click.group("service")
def command() -> None:
    """Have the system start `twitchwatch run` at login, supervise it, and restart it after every failure.

    On Linux this uses systemd user units. On macOS and Windows it uses a launch agent and a scheduled task,
    written from their documentation and not tested.
    """


@command.command("install")
@backup_options
@log_option
@database_option
def install(keeping: Keeping, log: Path, database: Path) -> None:
    """Install the service and start it. Running it again updates the service."""
    from twitchwatch.terminal.computer_pages import install_service
    from twitchwatch.terminal.page import Page

    install_service(Page(), database, log, keeping)


@command.command("status")
@log_option
@database_option
@json_option
def status(log: Path, database: Path, as_json: bool) -> int:
    """Show whether the service is installed and running, and which process is collecting.

    Exits with 6 if none is.
    """
    from twitchwatch.errors import ConfigurationError, Exit
    from twitchwatch.service import systems
    from twitchwatch.service.lock import holder
    from twitchwatch.terminal.computer_pages import show_service
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.collecting import ServiceView

    pid = holder(database)
    try:
        state = systems.this_system(log).state()
    except ConfigurationError as error:
        # Something else may have started the daemon.
        state = systems.ServiceState(installed=False, running=False, reported=str(error))
    if as_json:
        write_json(ServiceView("service", state.installed, state.running, state.reported, pid))
    else:
        show_service(Page(), state, pid, log)
    return int(Exit.OK if pid is not None else Exit.ATTENTION)


@command.command("uninstall")
@log_option
def uninstall(log: Path) -> None:
    """Stop and remove the service. Records, keys and the log are kept."""
    from twitchwatch.service import systems
    from twitchwatch.terminal.page import Page

    page = Page()
    gone = systems.this_system(log).uninstall()
    for path in gone:
        page.say(f"Removed {path}")
    page.say(
        "The service is removed; records, keys and the log are kept." if gone else "No service was installed."
    )
