"""Options that several commands share, so that they are spelt and explained alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from twitchwatch.errors import did_you_mean

if TYPE_CHECKING:
    from twitchwatch.archive.selection import NightChoice
    from twitchwatch.laboratory.examining import Terms
    from twitchwatch.service.upkeep import Keeping

Decorated = Callable[..., Any]


class Evening(click.ParamType[date]):
    """A night, named by the date of its evening."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """A date in ISO form, `today` or `yesterday`; otherwise fails and states the expected form."""
        if isinstance(value, date):
            return value
        from twitchwatch.journal.tonight import date_in

        try:
            return date_in(value)
        except ValueError:
            self.fail(
                f"{value!r} is not a date: write it as YYYY-MM-DD, such as 2025-03-04, or `yesterday`.",
                param,
                ctx,
            )


class Choice(click.Choice[str]):
    """One of several words; for an unknown one, the error suggests a similar word."""

    def fail(
        self, message: str, param: click.Parameter | None = None, ctx: click.Context | None = None
    ) -> NoReturn:
        """Fail, with the suggestion."""
        given = message.removeprefix("'").partition("'")[0]
        super().fail(message + did_you_mean(given, self.choices), param, ctx)


def default_database() -> Path:
    """The default place of the records: the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("twitchwatch", appauthor=False)) / "twitchwatch.db"


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")

database_option = click.option(
    "--database",
    type=click.Path(path_type=Path, dir_okay=False),
    default=default_database,
    envvar="TWITCHWATCH_DATABASE",
    show_envvar=True,
    show_default="twitchwatch.db in your data folder",
    help="The database with your records.",
)


def _default_log() -> Path:
    from twitchwatch.service.logfile import default_log

    return default_log()


log_option = click.option(
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    default=_default_log,
    envvar="TWITCHWATCH_LOG",
    show_envvar=True,
    show_default="twitchwatch.log in your log folder",
    help="The log file; at most three files of 1 MB are kept.",
)


def _gathered(name: str, made: Callable[..., Any], **options: Decorated) -> Callable[[Decorated], Decorated]:
    """Options, by their names; the command gets what `made` returns for their values as `name`."""

    def decorate(command: Decorated) -> Decorated:
        @wraps(command)
        def gathered(*arguments: Any, **given: Any) -> Any:
            values = {one: given.pop(one) for one in options}
            return command(*arguments, **{name: made(**values)}, **given)

        for option in reversed(options.values()):
            option(gathered)
        return gathered

    return decorate


def _keeping(backups: int, backup_folder: Path | None) -> Keeping:
    from twitchwatch.service.upkeep import Keeping

    return Keeping(backups, backup_folder)


# How many backups the daemon keeps, and where.
backup_options = _gathered(
    "keeping",
    _keeping,
    backups=click.option(
        "--backups",
        type=click.IntRange(0, 365),
        default=7,
        show_default=True,
        envvar="TWITCHWATCH_BACKUPS",
        show_envvar=True,
        help="How many daily backups to keep; 0 for none.",
    ),
    backup_folder=click.option(
        "--backup-folder",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="FOLDER",
        help="The folder to keep them in; by default `backups` next to the database.",
    ),
)


def to_file(name: str, says: str) -> Decorated:
    """An option that names a file to write."""
    return click.option(name, type=click.Path(path_type=Path), metavar="FILE", help=says)


def _terms(**given: Any) -> Terms:
    from twitchwatch.laboratory.examining import terms_of

    return terms_of(**given)


# How to read recordings, and by which thresholds.
recording_options = _gathered(
    "terms",
    _terms,
    rate_hz=click.option(
        "--rate", "rate_hz", type=float, metavar="HZ", help="Samples per second, not the file's times."
    ),
    units=click.option("--units", metavar="UNIT", help="g, mg, m/s2, or counts per g: 8192/g."),
    start=click.option(
        "--start",
        metavar="TIME",
        multiple=True,
        help="When the recording begins: 2026-03-01T23:00:00+01:00. For several: NAME=TIME for each.",
    ),
    columns=click.option("--columns", metavar="T,X,Y,Z", help="Names or numbers: t=1,x=2,y=3,z=4."),
    site=click.option("--site", metavar="TEXT", help="Where the sensor was worn, such as `left wrist`."),
    changed=click.option(
        "--set",
        "changed",
        multiple=True,
        metavar="NAME=VALUE",
        help="Change a threshold, within the limits of a sensor's settings; can be given several times.",
    ),
)

sensor_option = click.option(
    "--sensor",
    metavar="NAME",
    help="Only this sensor: its name, hardware id or number, as `twitchwatch sensors` lists them.",
)


def _choice(**given: date | None) -> NightChoice:
    from twitchwatch.archive.selection import choice_of

    return choice_of(**given)


night_options = _gathered(
    "choice",
    _choice,
    night=click.option(
        "--night",
        type=Evening(),
        metavar="DATE",
        help="This night, by the date of its evening: YYYY-MM-DD, or `yesterday` for last night.",
    ),
    since=click.option("--since", type=Evening(), metavar="DATE", help="From this night on."),
    until=click.option("--until", type=Evening(), metavar="DATE", help="Up to and including this night."),
)
