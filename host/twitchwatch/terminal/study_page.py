"""A study in a terminal: what its commands did, in words or as JSON."""

from __future__ import annotations

import json
import math
import time
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from twitchwatch.errors import Exit, MissingExtraError, OutputError, TwitchwatchError, UsageError
from twitchwatch.foreign import one_line
from twitchwatch.journal.tonight import today
from twitchwatch.tables import write_csv
from twitchwatch.terminal.output import write_json, write_line, write_message, write_text
from twitchwatch.terminal.page import Page
from twitchwatch.terminal.progress import counting
from twitchwatch.views.study import PulledView, RunView, WithdrawnView
from twitchwatch.whole_files import write_whole
from twitchwatch.wording.study import failed_words, pulled_words, run_words, withdrawn_words

if any(find_spec(name) is None for name in ("duckdb", "fsspec", "pyarrow")):
    raise MissingExtraError("The part that runs studies is", "study")

from twitchwatch.study.folder import open_folder
from twitchwatch.study.pseudonyms import KeyFile, key_to_change, new_key, read_key
from twitchwatch.study.register import Wearer, begin, enter, study_in


class StudyPage:
    """The commands on the study at an address; as_json: print objects.

    Each imports what it needs: all together take more than a second.
    """

    def __init__(self, address: str, as_json: bool) -> None:
        self._address = address
        self._folder = open_folder(address)
        self._as_json = as_json

    def init(self, name: str, key: Path) -> None:
        """Begin it. Raises UsageError if there is a study or a key already."""
        if key.exists():
            raise UsageError(f"{key} exists already: a key is never overwritten. Name another file.")
        made: list[KeyFile] = []
        try:
            study = begin(
                self._folder, one_line(name), today(), lambda own: made.append(new_key(key, own.id))
            )
        except TwitchwatchError:
            for unused in made:
                unused.path.unlink()
            raise
        write_text(f"Began the study {study.name}. Its key is {key}: keep it apart, and keep a copy.")

    def add(
        self,
        database: Path,
        label: str,
        key: Path,
        consented: date,
        *,
        age: int | None,
        sex: Any,
        **known: str,
    ) -> None:
        """Add a wearer."""
        own = {name: one_line(text) for name, text in known.items()}
        with key_to_change(key, study_in(self._folder).id) as keys:
            pseudonym = keys.pseudonym(label)
            enter(self._folder, Wearer(pseudonym, consented.isoformat(), age, sex, **own))
            keys.wearers[label] = str(database.resolve())
            keys.save()
        pulling = f"`twitchwatch study pull {self._address} --key {key}`"
        write_text(f"Added {one_line(label)} as {pseudonym}. {pulling} pulls the nights.")

    def pull(self, key: Path) -> Exit:
        """Pull nights."""
        from twitchwatch.study.pulling import pull

        keys = read_key(key, study_in(self._folder).id)
        with counting("Pulling") as counted:
            pulled = pull(self._folder, keys, time.time_ns() // 1000, counted)
        view = PulledView("pulled", pulled.written, pulled.unchanged, pulled.failed)
        self._show(view, pulled_words(view), pulled.failed)
        return Exit.ATTENTION if pulled.failed else Exit.OK

    def attach(self, recording: Path, night: date, label: str, key: Path) -> None:
        """Put raw samples into it."""
        from twitchwatch.study.attaching import attach

        made = attach(self._folder, read_key(key, study_in(self._folder).id), label, night, recording)
        write_text(f"Attached {one_line(recording.name)} as {made.place}.")

    def run(self, analysis: str, workers: int | None, scheduler: str | None) -> Exit:
        """Run an analysis."""
        from twitchwatch.study.code import code_of
        from twitchwatch.study.running import run

        study_in(self._folder)
        code = code_of(analysis)
        with counting("Analysing") as counted:
            done = run(self._folder, code, workers=workers, scheduler=scheduler, on_night=counted)
        view = RunView("run", code.version, done.computed, done.before, done.withdrawn, done.failed)
        self._show(view, run_words(view), done.failed)
        return Exit.ATTENTION if done.failed else Exit.OK

    def sql(self, text: str, path: Path | None) -> Exit:
        """Query it."""
        from twitchwatch.study.query import query

        study_in(self._folder)
        answer = query(self._folder, text)
        names, rows = answer.table.column_names, answer.table.to_pylist()
        if path is not None:
            write_csv(path, names, rows)
            write_text(f"Wrote {len(rows):,} rows to {path}.")
        elif self._as_json:
            for row in rows:
                write_line(json.dumps(_finite(row), default=str, allow_nan=False))
        elif rows:
            cells = [
                tuple(one_line(str("" if row[name] is None else row[name])) for name in names) for row in rows
            ]
            Page().table(tuple(names), cells)
        else:
            write_text("No rows.")
        self._tell_failed(answer.skipped)
        return Exit.ATTENTION if answer.skipped else Exit.OK

    def report(self, path: Path) -> Exit:
        """Write the report, and its figures beside it."""
        from twitchwatch.study.reporting import report_page, study_report

        report = study_report(self._folder)
        figures = path.with_suffix(".json")
        try:
            plain = json.dumps(report.plain(), indent=1, default=str) + "\n"
            write_whole({path: report_page(report).encode(), figures: plain.encode()})
        except OSError as error:
            raise OutputError(f"{path} cannot be written ({error.strerror}). Name another file.") from error
        write_text(f"Wrote {path}, and its figures to {figures}.")
        self._tell_failed(report.skipped)
        return Exit.ATTENTION if report.skipped else Exit.OK

    def withdraw(self, label: str, key: Path) -> None:
        """Remove a wearer."""
        from twitchwatch.study.withdrawing import withdraw

        # An entry that is being corrected must not be written over the withdrawal.
        with key_to_change(key, study_in(self._folder).id) as keys:
            gone = withdraw(self._folder, keys, label, today())
        view = WithdrawnView("withdrawn", gone.wearer, gone.files)
        self._show(view, withdrawn_words(view), {})

    def _show(self, view: PulledView | RunView | WithdrawnView, words: str, failed: dict[str, str]) -> None:
        if self._as_json:
            write_json(view)
        else:
            write_text(words)
            self._tell_failed(failed)

    def _tell_failed(self, failed: dict[str, str]) -> None:
        for line in failed_words(failed):
            write_message(line)


def _finite(value: Any) -> Any:
    """JSON has no infinity and no NaN: they become null."""
    if isinstance(value, dict):
        return {name: _finite(own) for name, own in value.items()}
    if isinstance(value, list):
        return [_finite(own) for own in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def show_power(wearers: int, nights: int, effect: float, studies: int, seed: int) -> None:
    """Model studies, and print how often the effect was found."""
    from twitchwatch.study.power import power

    found = power(wearers, nights, effect, studies, seed)
    write_text(
        f"{wearers} wearers in two groups, {nights} nights each, rates that differ by a factor of {effect:g}:"
        f" found in {100 * found.power:.0f} % of {found.studies} modelled studies (standard error"
        f" {100 * found.error:.0f} %)."
    )


def write_cohort(folder: Path, wearers: int, nights: int, seed: int, raw: int) -> None:
    """Write a modelled cohort, and print how to make a study of it."""
    from twitchwatch.sim.cohort import make_cohort

    with counting("Modelling") as counted:
        members = make_cohort(
            folder, wearers, nights, seed, raw_nights=raw, on_wearer=lambda at: counted(at, wearers)
        )
    write_text(f"Wrote {len(members)} databases to {folder}, and their true values to {folder}/truth.json.")
