"""`twitchwatch deadman`: check that the daemon is alive."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import database_option
from twitchwatch.errors import Exit
from twitchwatch.journal.tonight import now_and_evening
from twitchwatch.terminal.output import write_text


@click.command("deadman")
@click.option(
    "--service-result",
    metavar="WORD",
    help="How the daemon ended, as given by the service manager; sends an alert unless it is `success`.",
)
@database_option
def command(service_result: str | None, database: Path) -> int:
    """Check that the daemon is alive; send an alert through every channel and exit with 6 if it is not.

    Run it from a system timer (`twitchwatch service install` sets one up): a process that has ended cannot
    report it. The daemon records once a minute that it is alive; after four minutes without that, one alert
    is sent. A daemon that was stopped on purpose causes no alert.
    """
    from twitchwatch.alerts.deadman import look

    now_utc_us, _ = now_and_evening()
    seen = look(database, service_result, now_utc_us)
    write_text(seen.words)
    for what in seen.failed:
        write_text(what)
    return Exit.ATTENTION if seen.alarm else Exit.OK
