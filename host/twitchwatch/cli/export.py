"""`twitchwatch export`: nights and captures as files that other programs read."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from twitchwatch.cli.options import Choice, database_option, json_option, night_options, sensor_option
from twitchwatch.errors import UsageError
from twitchwatch.terminal.output import write_json, write_text
from twitchwatch.terminal.progress import show_deriving

if TYPE_CHECKING:
    from twitchwatch.archive.selection import NightChoice
    from twitchwatch.export.ordering import Format


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "kind",
    type=Choice(["csv", "parquet", "edf", "fhir", "bids"]),
    required=True,
    help="csv, parquet: every table; edf: a file for each night; fhir: a Bundle; bids: raw captures.",
)
@click.option("--nights", type=click.IntRange(1, 3660), metavar="N", help="Only the last N evenings.")
@click.option("--subject", metavar="LABEL", help="Pseudonym of the wearer: letters and digits.")
@click.option(
    "--capture",
    "captures",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="For bids: a file of `twitchwatch capture -o FILE`; can be given several times.",
)
@night_options
@sensor_option
@database_option
@json_option
def command(
    folder: Path,
    kind: Format,
    nights: int | None,
    subject: str | None,
    captures: tuple[Path, ...],
    choice: NightChoice,
    sensor: str | None,
    database: Path,
    as_json: bool,
) -> None:
    """Write your nights into a new folder, in a format that other programs read.

    Nothing leaves this computer. The tables contain your journal, with its notes; EDF and FHIR do not. Each
    column is described in docs/export.md, and for csv and parquet also in datapackage.json in the folder.
    """
    from twitchwatch.archive.nights import Archive
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.export.exporting import export_captures, export_nights
    from twitchwatch.export.ordering import checked_subject, content_of
    from twitchwatch.store import Store
    from twitchwatch.views.exports import export_view
    from twitchwatch.wording.export import exported_words

    checked_subject(subject)
    if kind == "bids":
        files = export_captures(captures, folder, subject, database)
    elif captures:
        raise UsageError("--capture is only for --format bids.")
    else:
        with Store.open_existing(database) as store:
            archive = Archive(store, LOCAL, progress=show_deriving)
            now_utc_us = int(time.time()) * 1_000_000
            content = content_of(archive, choice, now_utc_us, sensor=sensor, nights=nights, subject=subject)
            files = export_nights(content, kind, folder)
    view = export_view(kind, folder, files)
    if as_json:
        write_json(view)
    else:
        write_text(exported_words(view))
