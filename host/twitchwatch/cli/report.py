"""`twitchwatch report`: weeks of nights on one page for a doctor, and the proof of its figures."""

from __future__ import annotations

import time
from pathlib import Path

import click

from twitchwatch.cli.options import Choice, database_option, json_option, sensor_option
from twitchwatch.errors import Exit, MissingExtraError
from twitchwatch.terminal.output import write_json, write_line
from twitchwatch.terminal.progress import show_deriving


@click.group("report", invoke_without_command=True)
@click.option(
    "--nights", type=click.IntRange(1, 366), default=28, show_default=True, help="How many evenings."
)
@click.option("--pdf", "paper_file", type=click.Path(dir_okay=False, path_type=Path), help="Write this PDF.")
@click.option(
    "--html", "page_file", type=click.Path(dir_okay=False, path_type=Path), help="Write this HTML file."
)
@click.option("--language", type=Choice(["en", "de", "zh"]), default="en", show_default=True)
@click.option("--paper", type=Choice(["a4", "us-letter"]), default="a4", show_default=True)
@sensor_option
@database_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    nights: int,
    paper_file: Path | None,
    page_file: Path | None,
    language: str,
    paper: str,
    sensor: str | None,
    database: Path,
    as_json: bool,
) -> None:
    """Put the last weeks on one page for a neurologist: how often, when, rhythmic or not, better or worse.

    Without --pdf or --html, it writes twitch-profile.pdf in the current folder. With each page it writes
    the profile as JSON, whose figures `report verify` checks against the records. It makes no diagnosis.
    """
    if context.invoked_subcommand is not None:
        context.obj = database
        return
    from twitchwatch.archive.nights import Archive
    from twitchwatch.archive.profile import last_nights, one_sensor, twitch_profile
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        archive = Archive(store, LOCAL, progress=show_deriving)
        own = one_sensor(archive, sensor)
        profile = twitch_profile(archive, own, last_nights(own, nights), int(time.time()) * 1_000_000)
    if as_json:
        write_json(profile)
        return
    try:
        from twitchwatch.report.files import write
    except ModuleNotFoundError as error:
        raise MissingExtraError("The part that makes the pages is", "report") from error
    pages = [page for page in (paper_file, page_file) if page is not None] or [Path("twitch-profile.pdf")]
    for page in pages:
        twin = write(profile, page, language, paper)  # type: ignore[arg-type]
        write_line(f"Wrote {page}, and its figures to {twin}.")


@command.command("verify")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def verify(database: Path, file: Path) -> int:
    """Derive the figures of a report from the records again, and compare.

    FILE is the page or its JSON. Exits with 6 if anything differs.
    """
    try:
        from twitchwatch.report.files import deriving
        from twitchwatch.report.files import verify as compare
    except ModuleNotFoundError as error:
        raise MissingExtraError("The part that makes the pages is", "report") from error
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        wrong = compare(file, deriving(store, int(time.time()) * 1_000_000, show_deriving))
    for words in wrong:
        write_line(words)
    if not wrong:
        write_line(f"{file}: every figure follows from the records.")
    return Exit.ATTENTION if wrong else Exit.OK
