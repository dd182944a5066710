"""`twitchwatch doctor`: check this computer, and suggest fixes."""

from __future__ import annotations

import time
from pathlib import Path

import click

from twitchwatch.cli.options import database_option, json_option, log_option
from twitchwatch.terminal.output import write_json


@click.command("doctor")
@log_option
@database_option
@json_option
def command(log: Path, database: Path, as_json: bool) -> int:
    """Check what collecting needs: Bluetooth, rights, clock, disk, database, files, service, sensors, keys.

    The whole database is checked, record by record. Each problem is shown with its remedy; nothing is
    changed. Exits with 0 if everything is in order, with 5 if stored data is damaged, and with 6 if
    something else needs attention.
    """
    from twitchwatch.service.checks import Health
    from twitchwatch.service.doctor import ask_all, verdict
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.collecting import CheckView
    from twitchwatch.wording.units import plural

    findings = ask_all(database, log, time.time_ns() // 1000)
    amiss = [one for one in findings if one.health in (Health.WARNING, Health.BAD)]
    if as_json:
        for one in findings:
            write_json(CheckView("check", one.name, one.health.value, one.reported, one.remedy))
        return int(verdict(findings))
    page = Page()
    styles = {Health.WELL: "", Health.UNKNOWN: "dim", Health.WARNING: "yellow", Health.BAD: "bold red"}
    page.table(
        ("", "", ""),
        [(one.health.value, one.name, one.reported) for one in findings],
        styles=[styles[one.health] for one in findings],
        titles=2,
    )
    page.gap()
    if not amiss:
        page.say("Everything is in order.")
    for one in amiss:
        page.say(one.remedy, label=one.name)
    if amiss:
        page.gap()
        page.say(f"{plural(len(amiss), 'check')} {'needs' if len(amiss) == 1 else 'need'} attention.")
    return int(verdict(findings))
