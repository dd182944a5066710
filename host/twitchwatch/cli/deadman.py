"""`twitchwatch deadman`: looks from outside whether the daemon works."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from twitchwatch.cli.options import database_option
from twitchwatch.cli.output import write_line
from twitchwatch.errors import Exit
from twitchwatch.journal.tonight import now_and_evening

_KEY = "daemon"


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
    from twitchwatch.alerts import heartbeat
    from twitchwatch.alerts.channels import channels_of, deliver
    from twitchwatch.alerts.settings import path_beside, read
    from twitchwatch.store import AlertRow, Store

    now_utc_us, _ = now_and_evening()
    beat = heartbeat.read(heartbeat.path_beside(database))
    if service_result is None:
        why = heartbeat.why_dead(beat, now_utc_us)
    elif service_result == "success":
        why = None
    else:
        why = f"The daemon was ended by the service manager ({service_result}) and is started again."
    with Store.open(database) as store:
        said = {row.key: row for row in store.alerts()}.get(_KEY)
        if why is None:
            write_line("The daemon works." if beat is not None else "The daemon is not meant to run.")
            if said is not None and said.over_utc_us is None and service_result is None and beat is not None:
                store.keep_alert(
                    AlertRow(
                        _KEY, said.urgency, said.title, said.sent_utc_us, None, now_utc_us, said.channels
                    )
                )
            return Exit.OK
        write_line(why)
        if said is not None and said.over_utc_us is None:
            # Once for each death; the journal of the system has every look.
            return Exit.ATTENTION
        title = "Twitchwatch: the daemon does not work"
        took, failed = asyncio.run(
            deliver(
                channels_of(read(path_beside(database))),
                title,
                f"{why} No records are collected; the rings keep theirs. See `twitchwatch doctor`.",
                "fault",
                unanswered=True,
            )
        )
        for what in failed:
            write_line(what)
        if took:
            store.keep_alert(AlertRow(_KEY, "fault", title, now_utc_us, None, None, ", ".join(took)))
    return Exit.ATTENTION
