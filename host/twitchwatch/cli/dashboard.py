"""`twitchwatch dashboard`: the pages, on this computer alone."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import database_option


@click.command("dashboard")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8477, show_default=True, help="0: any free port."
)
@click.option("--open", "at_once", is_flag=True, help="Open it in the browser.")
@click.option(
    "--recording",
    "recordings",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Also show all samples of this recording. Can be given several times.",
)
@database_option
def command(port: int, at_once: bool, recordings: tuple[Path, ...], database: Path) -> None:
    """Serve the dashboard on this computer until Ctrl-C: morning, trend, findings, journal, live, sensors.

    It prints a link that works once and signs in one browser. No other computer can reach the pages.
    """
    from twitchwatch.terminal.dashboard_page import serve_dashboard

    serve_dashboard(database, recordings, port, at_once=at_once)
