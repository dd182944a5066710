"""`twitchwatch demo`: simulate a night in half a minute."""

from __future__ import annotations

from pathlib import Path

import click

from twitchwatch.cli.options import default_database
from twitchwatch.terminal.output import write_line


@click.command("demo")
@click.option(
    "--hours",
    type=click.FloatRange(0.02, 24),
    default=8.0,
    show_default=True,
    help="Length of the modelled night.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Seed of the modelled night; the same seed gives the same night.",
)
@click.option(
    "--nights",
    type=click.IntRange(1, 366),
    default=1,
    show_default=True,
    help="If more than one: generate this many nights, a second or two each, and keep them.",
)
@click.option("--rising", is_flag=True, help="With --nights: twitches become more frequent.")
@click.option("--journal", is_flag=True, help="With --nights: with a journal of the evenings.")
@click.option(
    "--replay",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Use this recording (CSV) instead.",
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the records in this database; by default they are discarded.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object per line: events, then the night, then its findings.",
)
@click.option(
    "--open",
    "at_once",
    is_flag=True,
    help="Then serve the dashboard of this data until Ctrl-C, and open it in the browser.",
)
@click.option(
    "--remove",
    is_flag=True,
    help="Instead, remove all demo data from the database, and show how much there was.",
)
def command(
    hours: float,
    seed: int,
    nights: int,
    rising: bool,
    journal: bool,
    replay: Path | None,
    database: Path | None,
    as_json: bool,
    at_once: bool,
    remove: bool,
) -> None:
    """Simulate one night: a virtual ring records, syncs over virtual air and reports it.

    The ring runs the real firmware in the real MicroPython. The night is modelled from published figures or,
    with --replay, read from your recording. From Bluetooth to database, only the radio waves are simulated.

    --nights generates weeks of nights to try trend, findings, triggers and report. They are kept in a
    separate database, demo.db next to that of your sensors, unless you give another with --database.

    It ends with the command that shows this data in your browser; in a terminal, --open does that at once.
    With --database, the simulated ring is stored under the name demo; a second demo replaces the first night.
    """
    if remove:
        from twitchwatch.archive.demo_data import remove_demo
        from twitchwatch.store import Store
        from twitchwatch.wording.sensors import removed_words

        kept = database or default_database()
        with Store.open_existing(kept) as store:
            write_line(removed_words(str(kept), remove_demo(store)))
        return
    if nights == 1 and (rising or journal):
        raise click.UsageError("--rising and --journal are for several nights: add --nights 30.")
    from twitchwatch.terminal.demo_page import demonstrate_month, demonstrate_night

    if nights > 1:
        kept = database or default_database().with_name("demo.db")
        demonstrate_month(kept, nights, seed, rising=rising, journal=journal, at_once=at_once)
    else:
        demonstrate_night(database, replay or (seed, hours), as_json=as_json, at_once=at_once)
