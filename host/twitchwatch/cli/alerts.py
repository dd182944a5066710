"""`twitchwatch alerts`: who is notified of what, and when."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import click

from twitchwatch.cli.options import Evening, database_option, json_option
from twitchwatch.clock.dates import moment
from twitchwatch.errors import Exit, UsageError
from twitchwatch.journal.tonight import now_and_evening
from twitchwatch.terminal.output import write_json, write_text

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(min|m|h|d)")
_HOURS = {"min": 1 / 60, "m": 1 / 60, "h": 1, "d": 24}


class Span(click.ParamType[timedelta]):
    """A length of time: 90min, 8h, 2d."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Hours; fails with the expected form."""
        if isinstance(value, timedelta):
            return value
        match = _SPAN.fullmatch(str(value).strip().lower())
        if match is None:
            self.fail(f"{value!r} is not a length of time: write it as 90min, 8h or 2d.", param, ctx)
        return timedelta(hours=float(match[1]) * _HOURS[match[2]])


@click.group("alerts")
def command() -> None:
    """Send findings and missing data to your desktop, phone or home automation.

    While `twitchwatch run` is running, each finding is sent once, and again only if it becomes more urgent,
    or if you should respond to it and have not acknowledged it. In quiet hours only the most urgent ones
    are sent.
    """


@command.command("init")
@database_option
def init(database: Path) -> None:
    """Create a settings file for you to fill in: channels, quiet hours, MQTT."""
    from twitchwatch.alerts.settings import path_beside, write_template

    path = path_beside(database)
    write_template(path)
    write_text(f"Created {path}. Fill it in, then test it with `twitchwatch alerts test`.")


@command.command("test")
@database_option
def test(database: Path) -> int:
    """Send a test message through every channel, and show which of them accepted it."""
    from twitchwatch.terminal.computer_pages import try_alerts
    from twitchwatch.terminal.page import Page

    return Exit.OK if try_alerts(Page(), database) else Exit.ATTENTION


@command.command("list")
@database_option
@json_option
def list_alerts(database: Path, as_json: bool) -> None:
    """Show the alerts that were sent, when, and through which channel."""
    from twitchwatch.archive.sealing import seal_of
    from twitchwatch.store import Store
    from twitchwatch.terminal.computer_pages import show_alerts
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.collecting import alert_view

    now_utc_us, _ = now_and_evening()
    with Store.open_existing(database) as store:
        rows, snoozes = store.alerts.all(), store.alerts.snoozes()
        sealed = seal_of(store, now_utc_us)
    if as_json:
        for row in rows:
            write_json(alert_view(row))
        return
    show_alerts(Page(), rows, snoozes, sealed, now_utc_us)


@command.command("snooze")
@click.argument("length", metavar="TIME", type=Span())
@click.option(
    "--finding", type=int, metavar="ID", help="Only this finding, by its number in `twitchwatch flags`."
)
@database_option
def snooze(length: timedelta, finding: int | None, database: Path) -> None:
    """Send no alerts for TIME (90min, 8h, 2d); 0h ends the snooze.

    The most urgent findings are sent anyway, unless you snooze that finding itself.
    """
    from twitchwatch.store import Store

    now_utc_us, _ = now_and_evening()
    until = now_utc_us + int(length.total_seconds() * 1e6)
    key = None if finding is None else f"finding/{finding}"
    with Store.open_existing(database) as store:
        if finding is not None and all(row.id != finding for row in store.findings.all()):
            raise UsageError(f"There is no finding {finding}; `twitchwatch flags --all` lists them.")
        store.alerts.snooze(key, until)
    what = "Everything" if finding is None else f"Finding {finding}"
    if length:
        write_text(f"{what} is snoozed until {moment(until)}.")
    else:
        write_text(f"{what} is no longer snoozed.")


@command.command("digest")
@database_option
def show_week(database: Path) -> None:
    """Show the weekly digest: nights with data, twitches compared with the weeks before, what is new.

    With `digest = "sunday 10:00"` in the settings file, `twitchwatch run` sends it once a week.
    """
    from twitchwatch.terminal.computer_pages import show_digest
    from twitchwatch.terminal.page import Page

    show_digest(Page(), database, now_and_evening()[0])


@command.command("seal")
@click.argument("until", metavar="DATE", type=Evening())
@database_option
def seal(until: date, database: Path) -> None:
    """Report only what is urgent until DATE: reasons to see a doctor, and missing data.

    Records are collected and kept as always. `morning`, `flags`, the dashboard's first page and alerts leave
    out everything else, figures too; `nights`, `events` and `flags --all` still show it when you ask.
    """
    from twitchwatch.journal.tonight import today
    from twitchwatch.store import Store

    if until <= today():
        raise UsageError(f"{until} is not in the future. Name the day on which the seal ends.")
    end = datetime.combine(until, time()).astimezone()
    with Store.open_existing(database) as store:
        store.alerts.seal(int(end.timestamp()) * 1_000_000)
    write_text(f"Sealed until {until}. `twitchwatch alerts unseal` ends it earlier.")


@command.command("unseal")
@database_option
def unseal(database: Path) -> None:
    """End the seal: everything is reported again."""
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        store.alerts.seal(0)
    write_text("Not sealed. `twitchwatch morning` shows last night.")
