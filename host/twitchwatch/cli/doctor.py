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
    from twitchwatch.service.doctor import ask_all, verdict
    from twitchwatch.terminal.computer_pages import show_checks
    from twitchwatch.terminal.page import Page
    from twitchwatch.views.collecting import CheckView

    findings = ask_all(database, log, time.time_ns() // 1000)
    if as_json:
        for one in findings:
            write_json(CheckView("check", one.name, one.health.value, one.reported, one.remedy))
    else:
        show_checks(Page(), findings)
    return int(verdict(findings))
