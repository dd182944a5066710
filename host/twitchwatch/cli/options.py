"""Options that several commands share, so that they are spelt and explained alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from twitchwatch.errors import did_you_mean

Decorated = Callable[..., Any]


# Words accepted instead of a date: days before today.
_DAYS_BACK = {"today": 0, "tonight": 0, "yesterday": 1}


class Evening(click.ParamType[date]):
    """A night, named by the date of its evening."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """A date in ISO form, `today` or `yesterday`; otherwise fails and states the expected form."""
        if isinstance(value, date):
            return value
        if value.lower() in _DAYS_BACK:
            from twitchwatch.journal.tonight import today

            return today() - timedelta(days=_DAYS_BACK[value.lower()])
        try:
            return date.fromisoformat(value)
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


def to_file(name: str, says: str) -> Decorated:
    """An option that names a file to write."""
    return click.option(name, type=click.Path(path_type=Path), metavar="FILE", help=says)


def recording_options(command: Decorated) -> Decorated:
    """How to read recordings, and by which thresholds; the command gets them as `terms`."""
    options = (
        click.option(
            "--rate", "rate_hz", type=float, metavar="HZ", help="Samples per second, not the file's times."
        ),
        click.option("--units", metavar="UNIT", help="g, mg, m/s2, or counts per g: 8192/g."),
        click.option("--start", metavar="TIME", help="When the recording begins: 2026-03-01T23:00:00+01:00."),
        click.option("--columns", metavar="T,X,Y,Z", help="Names or numbers: t=1,x=2,y=3,z=4."),
        click.option("--site", metavar="TEXT", help="Where the sensor was worn, such as `left wrist`."),
        click.option(
            "--set",
            "changed",
            multiple=True,
            metavar="NAME=VALUE",
            help="Change a threshold, within the limits of a sensor's settings; can be given several times.",
        ),
    )

    @wraps(command)
    def read(
        *arguments: Any,
        rate_hz: float | None,
        units: str | None,
        start: str | None,
        columns: str | None,
        site: str | None,
        changed: tuple[str, ...],
        **rest: Any,
    ) -> Any:
        from twitchwatch.laboratory.examining import terms_of

        terms = terms_of((rate_hz, units, start, columns), site, changed)
        return command(*arguments, terms=terms, **rest)

    wrapped: Decorated = read
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


sensor_option = click.option(
    "--sensor",
    metavar="NAME",
    help="Only this sensor: its name, hardware id or number, as `twitchwatch sensors` lists them.",
)


def night_options(command: Decorated) -> Decorated:
    """--night, --since, --until; the command gets them as one `choice`."""
    options = (
        click.option(
            "--night",
            type=Evening(),
            metavar="DATE",
            help="This night, by the date of its evening: YYYY-MM-DD, or `yesterday` for last night.",
        ),
        click.option("--since", type=Evening(), metavar="DATE", help="From this night on."),
        click.option("--until", type=Evening(), metavar="DATE", help="Up to and including this night."),
    )

    @wraps(command)
    def chosen(
        *arguments: Any, night: date | None, since: date | None, until: date | None, **rest: Any
    ) -> Any:
        from twitchwatch.archive.selection import NightChoice

        if night is not None:
            if since is not None or until is not None:
                raise click.UsageError("Give either --night, or --since and --until.")
            since = until = night
        if since is not None and until is not None and since > until:
            raise click.UsageError(f"--since {since} is later than --until {until}: swap them.")
        return command(*arguments, choice=NightChoice(since, until), **rest)

    wrapped: Decorated = chosen
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped
