"""Erasing in a terminal: what it is about, the question, and what was done."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from twitchwatch.archive.erasing import (
    Erasure,
    erase_chosen,
    erase_everything,
    erase_sensors,
    with_copies,
)
from twitchwatch.archive.nights import Archive
from twitchwatch.archive.selection import NightChoice, chosen_devices, chosen_nights
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.foreign import one_line
from twitchwatch.service.lock import only_one
from twitchwatch.store import Store
from twitchwatch.store.copies import folder_beside
from twitchwatch.store.erasing import copies_of
from twitchwatch.terminal.output import write_json, write_text
from twitchwatch.terminal.progress import show_deriving
from twitchwatch.views.erasing import ErasedView
from twitchwatch.wording.erasing import erased_words, question_words


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to erase: nights by date, a sensor, demo data, or everything; journal: with those evenings.

    traces: nothing more, but what an earlier erasure left in the file.
    """

    choice: NightChoice
    sensor: str | None
    demo: bool
    everything: bool
    journal: bool
    traces: bool

    @property
    def scope(self) -> str:
        """`nights`, `sensors`, `everything`, `traces` or `backups`."""
        if self.traces:
            return "traces"
        if self.everything:
            return "everything"
        if not self.choice.everything:
            return "nights"
        return "sensors" if self.demo or self.sensor is not None else "backups"


def erase(
    wanted: Wanted, database: Path, folder: Path | None, *, backups: bool, yes: bool, as_json: bool
) -> None:
    """Ask unless `yes`, erase, and print what was done. folder: of the backups.

    Raises UsageError, ConfigurationError while a daemon runs, OutputError, and the store's errors.
    """
    folder = folder or folder_beside(database)
    with only_one(database):
        if wanted.scope == "backups":
            _ask(question_words("backups", len(copies_of(database, folder)), ""), yes)
            done = Erasure()
        elif wanted.scope == "traces":
            with Store.open_existing(database) as store:
                done = erase_chosen(Archive(store, LOCAL), [], journal=False)
        elif wanted.scope == "everything":
            done = _everything(database, yes)
        else:
            done = _rows(wanted, database, yes)
        done = with_copies(done, database, folder, erase=backups)
    deleted = [*done.files, *(done.copies if done.copies_erased else ())]
    view = ErasedView(
        "erased",
        scope=wanted.scope,
        nights=done.nights,
        records=done.rows.records,
        annotations=done.rows.annotations,
        journal_entries=done.rows.journal_entries,
        files=[str(path) for path in deleted],
        copies=[] if done.copies_erased else [str(path) for path in done.copies],
    )
    if as_json:
        write_json(view)
        return
    for sentence in erased_words(view):
        write_text(sentence)


def _everything(database: Path, yes: bool) -> Erasure:
    if not database.exists():
        raise UsageError(f"There is no database at {database}.")
    _ask(question_words("everything", 0, ""), yes)
    return erase_everything(database)


def _rows(wanted: Wanted, database: Path, yes: bool) -> Erasure:
    with Store.open_existing(database) as store:
        archive = Archive(store, LOCAL, progress=show_deriving)
        devices = chosen_devices(store, wanted.sensor)
        sensors = archive.sensors([one for one in devices if one.demo or not wanted.demo])
        names = ", ".join(one_line(sensor.device.name) for sensor in sensors)
        if wanted.scope == "sensors":
            if not sensors:
                raise UsageError("There is no demo data.")
            _ask(question_words("sensors", sum(len(sensor.rated) for sensor in sensors), names), yes)
            return erase_sensors(store, sensors)
        chosen = chosen_nights(sensors, wanted.choice)
        if not chosen:
            raise UsageError("There is no such night; `twitchwatch nights` lists them.")
        _ask(question_words("nights", len(chosen), names), yes)
        return erase_chosen(archive, chosen, journal=wanted.journal)


def _ask(question: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Add --yes to do it without being asked.")
    write_text(question)
    click.confirm("Erase?", abort=True)
