"""`twitchwatch deadman`: looks from outside whether the daemon works."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import database_option
from twitchwatch.cli.output import write_line
from twitchwatch.errors import Exit
from twitchwatch.journal.tonight import now_and_evening


@click.command("deadman")
@click.option(
    "--service-result",
    metavar="WORD",
    help="How the service manager says the daemon ended; alarms unless it is `success`.",
)
@database_option
def command(service_result: str | None, database: Path) -> int:
    """Alarm by every channel if the daemon has died or hangs. Ends with 6 then.

    For a timer of the system (`twitchwatch service install` sets one up): who is dead cannot say so himself.
    The daemon writes each minute that it works; four minutes without it are an alarm, one for each death. A
    daemon that was stopped as it should be is no alarm.
    """
    from twitchwatch.alerts.deadman import look

    now_utc_us, _ = now_and_evening()
    seen = look(database, service_result, now_utc_us)
    write_line(seen.words)
    for what in seen.failed:
        write_line(what)
    return Exit.ATTENTION if seen.alarm else Exit.OK
