"""The first run in a terminal: it explains each step, asks, and carries the step out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from twitchwatch.alerts.settings import path_beside, write_template
from twitchwatch.errors import TwitchwatchError
from twitchwatch.flash import Host, Order, flash, rekey, tap_test
from twitchwatch.journal.fields import BY_NAME, WEARER, Value
from twitchwatch.journal.fields import read as read_field
from twitchwatch.journal.tonight import now_and_tonight
from twitchwatch.service.upkeep import Keeping
from twitchwatch.setup.found import look
from twitchwatch.setup.steps import STEPS, Found, Name, Reply, Step, Walk, question, reply, why_done
from twitchwatch.terminal.boards import BACK_S, found_port
from twitchwatch.terminal.computer_pages import install_service, try_alerts
from twitchwatch.terminal.journal_page import ask, ask_for, note_changes
from twitchwatch.terminal.output import write_message, write_text
from twitchwatch.terminal.page import Page
from twitchwatch.terminal.progress import flash_progress
from twitchwatch.wording.flash import checked_words, flashed_words

# A month in which there is something to find.
_DEMO_NIGHTS = 30


@dataclass(frozen=True, slots=True)
class Place:
    """Where the steps are carried out: the user's files, and what was said about the board."""

    database: Path
    log: Path
    keeping: Keeping
    port: str | None
    order: Order


def list_steps(page: Page, place: Place) -> None:
    """Print every step with what shows that it is done, or the command that does it."""
    found = look(place.database, place.log, place.port)
    page.table(("Step", "", ""), [_row(step, found) for step in STEPS])


def walk(page: Page, place: Place) -> None:
    """Go through the steps that are not done yet. Raises click.UsageError if nobody can answer.

    Ctrl-C leaves it, as click.Abort or KeyboardInterrupt; finished steps stay finished.
    """
    if not sys.stdin.isatty():
        raise click.UsageError(
            "The set-up asks questions, so it needs a terminal. `twitchwatch setup --list` shows the steps,"
            " and the command that does each."
        )
    try:
        _walk(page, place)
    except (click.Abort, KeyboardInterrupt):
        write_message("Left. `twitchwatch setup` continues here; finished steps stay finished.")
        raise


def _walk(page: Page, place: Place) -> None:
    steps = Walk()
    found = look(place.database, place.log, place.port)
    for one in STEPS:
        if why := why_done(one, found):
            page.say(f"{one.title} ({why})", label="Done")
    while step := steps.next(found):
        page.gap()
        page.heading(f"{STEPS.index(step) + 1} of {len(STEPS)}: {step.title}")
        page.say(step.does)
        page.say(step.why, label="Why")
        answered = _asked(step, found)
        if answered == "leave":
            write_text("Left. `twitchwatch setup` continues here; finished steps stay finished.")
            return
        if answered == "demo":
            _demonstrate(place.database)
            return
        if answered == "skip":
            steps.skip(step)
        elif _carried_out(page, step, place):
            steps.done(step)
        found = look(place.database, place.log, place.port)
    page.gap()
    page.heading("Ready for the first night" if found.sensors else "No sensor yet")
    for skipped in steps.skipped:
        page.say(f"{skipped.title}: `{skipped.by_hand}`", label="Skipped")
    page.say("Charge the ring, put it on, and go to sleep.", label="Tonight")
    page.say("`twitchwatch morning`, or `twitchwatch dashboard --open`.", label="In the morning")


def _asked(step: Step, found: Found) -> Reply:
    while True:
        answered = reply(click.prompt(question(step, found), default="", show_default=False), step)
        if answered is not None:
            return answered


def _carried_out(page: Page, step: Step, place: Place) -> bool:
    """Carry a step out; False if that failed, which is reported with what to do."""
    try:
        return _ACTIONS[step.name](page, place)
    except TwitchwatchError as error:
        write_message(str(error))
        return False


def _flash(page: Page, place: Place) -> bool:
    with flash_progress() as progress:
        port = found_port(place.port, None, progress)
        flashed = flash(
            port,
            place.order,
            Host.beside(place.database),
            progress,
            lambda: found_port(place.port, BACK_S, progress),
        )
    for line in flashed_words(flashed):
        write_text(line)
    return flashed.works


def _pair(page: Page, place: Place) -> bool:
    with flash_progress() as progress:
        hardware_id = rekey(found_port(place.port, None, progress), Host.beside(place.database), None)
    page.say(f"{hardware_id} and this computer share a key. It has been restarted.")
    return True


def _tap(page: Page, place: Place) -> bool:
    with flash_progress() as progress:
        felt = tap_test(found_port(place.port, None, progress), progress)
    for line in checked_words(felt):
        write_text(line)
    return felt.good


def _place(page: Page, place: Place) -> bool:
    text = click.prompt("Where (such as left index finger)", default="", show_default=False)
    if text.strip():
        _note(place, {"place": read_field(BY_NAME["place"], text)})
    return True


def _wearer(page: Page, place: Place) -> bool:
    _note(place, ask_for(BY_NAME[name] for name in WEARER))
    return True


def _evening(page: Page, place: Place) -> bool:
    _note(place, ask("evening", without=("place",)))
    return True


def _note(place: Place, values: dict[str, Value]) -> None:
    note_changes(place.database, values, now_and_tonight()[1], as_json=False)


def _service(page: Page, place: Place) -> bool:
    install_service(page, place.database, place.log, place.keeping)
    return True


def _alerts(page: Page, place: Place) -> bool:
    path = path_beside(place.database)
    if not path.exists():
        write_template(path)
        page.say(f"Created {path}.")
    if not try_alerts(page, place.database):
        page.say(f"Edit {path}, then `twitchwatch alerts test` tries it again.")
    return True


def _demonstrate(database: Path) -> None:
    # The simulator is an optional part: only those who want it need it.
    from twitchwatch.terminal.demo_page import demonstrate_month

    kept = database.with_name("demo.db")
    demonstrate_month(kept, _DEMO_NIGHTS, 0, rising=True, journal=True)
    write_text("When you have a ring: `twitchwatch setup`.")


def _row(step: Step, found: Found) -> tuple[str, str, str]:
    why = why_done(step, found)
    return step.title, "done" if why else "to do", why or f"`{step.by_hand}`"


_ACTIONS: dict[Name, Callable[[Page, Place], bool]] = {
    "flash": _flash,
    "pair": _pair,
    "tap": _tap,
    "place": _place,
    "wearer": _wearer,
    "evening": _evening,
    "service": _service,
    "alerts": _alerts,
}
