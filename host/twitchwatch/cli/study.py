"""`twitchwatch study`: nights of many consented wearers, under pseudonyms, in files for SQL and Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from twitchwatch.cli.options import Choice, Evening, json_option

folder_argument = click.argument("folder")
key_option = click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    envvar="TWITCHWATCH_STUDY_KEY",
    show_envvar=True,
    help="The study's key file. Keep it apart from the study, and never lose it.",
)
label_option = click.option(
    "--wearer", "label", required=True, metavar="LABEL", help="Your own label of the wearer, such as 017."
)


def _page() -> Any:
    from twitchwatch.terminal.study_page import StudyPage

    return StudyPage


@click.group("study")
def command() -> int:
    """Run a study: nights of consented wearers, under pseudonyms.

    FOLDER is a folder, or an address such as s3://bucket/study. Nothing in it names a person: pseudonyms are
    made with a key, which is in a separate file, together with your labels.
    """
    return 0


@command.command("init")
@folder_argument
@click.option("--name", required=True, help="The name of the study.")
@key_option
def init(folder: str, name: str, key: Path) -> None:
    """Begin a study, with a new key."""
    _page()(folder, as_json=False).init(name, key)


@command.command("add")
@folder_argument
@click.argument("database", type=click.Path(path_type=Path, dir_okay=False))
@label_option
@key_option
@click.option("--consented", type=Evening(), required=True, metavar="DATE", help="Date of the consent.")
@click.option("--age", type=click.IntRange(0, 120), help="Years, at that date.")
@click.option("--sex", type=Choice(["F", "M", "X"]), default="X", show_default=True)
@click.option("--site", default="", help="Where the sensor is worn, or the clinic.")
@click.option("--group", default="", help="Such as a diagnosis or an arm.")
def add(folder: str, database: Path, label: str, key: Path, consented: date, **known: Any) -> None:
    """Add a wearer whose nights are in DATABASE, or correct what is stated."""
    _page()(folder, as_json=False).add(database, label, key, consented, **known)


@command.command("pull")
@folder_argument
@key_option
@json_option
def pull(folder: str, key: Path, as_json: bool) -> int:
    """Pull the new and changed nights of everybody who takes part.

    Exits with 6 if a database was left out.
    """
    return int(_page()(folder, as_json).pull(key))


@command.command("attach")
@folder_argument
@click.argument("recording", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--night", type=Evening(), required=True, metavar="DATE", help="Date of the evening.")
@label_option
@key_option
def attach(folder: str, recording: Path, night: date, label: str, key: Path) -> None:
    """Put raw samples of a night into the study, from any file that `detect` reads."""
    _page()(folder, as_json=False).attach(recording, night, label, key)


@command.command("run")
@folder_argument
@click.argument("analysis")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes of this computer; all by default.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler instead: tcp://host:8786.")
@json_option
def run(folder: str, analysis: str, workers: int | None, scheduler: str | None, as_json: bool) -> int:
    """Run ANALYSIS on every night without a result: FILE.py:FUNCTION, `kinds` or `redetect`.

    Results are kept night by night, so an interrupted run continues. The table `results` of `sql` has them.
    Exits with 6 if a night failed three times, or is damaged.
    """
    return int(_page()(folder, as_json).run(analysis, workers, scheduler))


@command.command("sql")
@folder_argument
@click.argument("query")
@click.option("--csv", "path", type=click.Path(path_type=Path, dir_okay=False), help="Write this CSV file.")
@json_option
def sql(folder: str, query: str, path: Path | None, as_json: bool) -> int:
    """Query wearers, nights, hours, minutes, events, results and former_results (DuckDB).

    Exits with 6 if partitions were left out because they are damaged.
    """
    return int(_page()(folder, as_json).sql(query, path))


@command.command("report")
@folder_argument
@click.option("-o", "--output", "path", type=click.Path(path_type=Path), required=True, help="Markdown.")
def report(folder: str, path: Path) -> int:
    """Write rates by a mixed model, each wearer's data quality, and the figures as JSON.

    Exits with 6 if partitions were left out because they are damaged.
    """
    return int(_page()(folder, as_json=False).report(path))


@command.command("withdraw")
@folder_argument
@label_option
@key_option
@json_option
def withdraw(folder: str, label: str, key: Path, as_json: bool) -> None:
    """Remove everything about a wearer. It cannot be undone."""
    _page()(folder, as_json).withdraw(label, key)


def _numbers(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option("--wearers", type=click.IntRange(2, 100_000), default=20, show_default=True),
        click.option("--nights", type=click.IntRange(1, 3660), default=14, show_default=True),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True),
    )
    for option in reversed(options):
        command = option(command)
    return command


@command.command("power")
@_numbers
@click.option("--effect", type=click.FloatRange(0.01, 100), default=1.5, show_default=True)
@click.option("--studies", type=click.IntRange(1, 10_000), default=100, show_default=True)
def power(wearers: int, nights: int, seed: int, effect: float, studies: int) -> None:
    """Model studies of two groups whose rates differ by EFFECT; show how often it is found."""
    from twitchwatch.terminal.study_page import show_power

    show_power(wearers, nights, effect, studies, seed)


@command.command("cohort")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@_numbers
@click.option(
    "--raw", type=click.IntRange(0), default=0, help="Model this many nights of each wearer sample by sample."
)
def cohort(folder: Path, wearers: int, nights: int, seed: int, raw: int) -> None:
    """Write databases of modelled wearers into FOLDER, with the true values beside them, to try a study."""
    from twitchwatch.terminal.study_page import write_cohort

    write_cohort(folder, wearers, nights, seed, raw)
