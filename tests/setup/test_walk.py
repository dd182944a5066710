"""The walk in a terminal: a real pseudo-terminal answers, a real MicroPython is flashed and tapped."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Invoke, invoke  # noqa: F401
from tests.flash.conftest import blank, unix_board  # noqa: F401
from tests.flash.pty_board import PtyBoard
from twitchwatch.alerts.settings import write_template
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import Exit
from twitchwatch.journal.book import read_entries
from twitchwatch.journal.fields import FIELDS
from twitchwatch.link.keys import Keys
from twitchwatch.store import DEMO_HARDWARE_ID, Store

Typed = Callable[..., None]
# Questions of the evening, without that for the place.
ASKED = sum(one.when == "evening" for one in FIELDS) - 1


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    """What somebody types at a terminal, line by line."""
    ours, theirs = pty.openpty()
    with open(theirs, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield lambda *lines: os.write(ours, "".join(f"{line}\n" for line in lines).encode()) and None
    os.close(ours)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Nothing of this computer's own: no service manager, no desktop.
    for name in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TWITCHWATCH_LOG", str(tmp_path / "t.log"))
    return tmp_path / "data" / "t.db"


def test_from_the_box_to_the_first_night(
    blank: PtyBoard,  # noqa: F811
    unix_board: Path,  # noqa: F811
    database: Path,
    typed: Typed,
    invoke: Invoke,  # noqa: F811
) -> None:
    database.parent.mkdir()
    options = ("--port", blank.port, "--board", unix_board, "--database", database)
    # Flash, tap, place, year of birth but no sex, evening, no service, alerts.
    evening = ["2 coffee", *[""] * (ASKED - 1)]
    typed("", "", "", "left index finger", "", "1972", "", "", *evening, "s", "")
    outcome = invoke("setup", *options)
    assert outcome.code == Exit.OK, outcome.err
    assert "It now shares a key with this computer" in outcome.out
    assert "Pair the board" not in outcome.out
    assert "3 detected, the strongest" in outcome.out
    assert "Ready for the first night" in outcome.out
    assert "Skipped: Start collecting at login" in outcome.out
    assert list(Keys.beside(database).load()) == ["24:0A:C4:00:00:01"]
    assert database.with_name("alerts.toml").exists()
    with Store.open_existing(database) as store:
        (entry,) = read_entries(store, LOCAL)
    assert entry.current == {"place": "left index finger", "birth_year": 1972.0, "caffeine_mg": 190.0}
    # Begun again, it offers what left no trace: nothing has arrived yet, and nothing collects.
    typed("s", "q")
    again = invoke("setup", *options)
    assert again.code == Exit.OK
    assert "Done: Put the firmware on the board (1 sensor shares a key with this computer)" in again.out
    assert "Done: Note where you wear it (left index finger)" in again.out
    assert "Done: Note your age and sex (birth year 1972)" in again.out
    assert "3 of 8: Tap the ring" in again.out
    assert "7 of 8: Start collecting at login" in again.out
    assert "Left." in again.out


def test_what_fails_is_offered_again(database: Path, typed: Typed, invoke: Invoke) -> None:  # noqa: F811
    typed("", "x", "s", "q")
    outcome = invoke("setup", "--port", "/dev/no-such-port", "--database", database)
    assert outcome.code == Exit.OK
    assert "There is no port /dev/no-such-port." in outcome.err
    # Offered, failed, offered, answered with something else, offered, skipped.
    assert outcome.out.count("1 of 8") == 2
    assert outcome.out.count("no ring yet") == 3
    assert "2 of 8" in outcome.out
    assert not database.exists()


def test_without_a_ring_it_makes_a_month_apart_from_real_nights(
    database: Path,
    typed: Typed,
    invoke: Invoke,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("twitchwatch.terminal.setup_page._DEMO_NIGHTS", 2)
    database.parent.mkdir()
    typed("d")
    outcome = invoke("setup", "--port", "/dev/no-such-port", "--database", database)
    assert outcome.code == Exit.OK
    kept = database.with_name("demo.db")
    assert f"twitchwatch dashboard --open --database {kept}" in " ".join(outcome.out.split())
    assert not database.exists()
    with Store.open_existing(kept) as store:
        assert {device.hardware_id for device in store.devices()} == {DEMO_HARDWARE_ID}


def test_nobody_there_to_answer(database: Path, invoke: Invoke) -> None:  # noqa: F811
    outcome = invoke("setup", "--database", database)
    assert outcome.code == Exit.USAGE
    assert "needs a terminal. `twitchwatch setup --list`" in outcome.err
    assert invoke("setup", "--list", "--database", database).code == Exit.OK
    assert not database.exists()


def test_the_list_shows_what_is_done_and_how_to_do_the_rest(database: Path, invoke: Invoke) -> None:  # noqa: F811
    write_template(database.with_name("alerts.toml"))
    Keys.beside(database).make("24:0A:C4:00:00:01")
    lines = invoke("setup", "--list", "--database", database).out.splitlines()
    assert [line.split("  ")[0] for line in lines if " done " in line] == [
        "Put the firmware on the board",
        "Pair the board with this computer",
        "Try the alerts",
    ]
    assert "`twitchwatch journal evening`" in "".join(lines)


class Interrupt:
    """Presses Ctrl-C when the simulator is imported, during a step."""

    def find_spec(self, name: str, path: object, target: object = None) -> None:
        if name == "twitchwatch.terminal.demo_page":
            raise KeyboardInterrupt


@pytest.mark.parametrize("typing", ["\x04", "d"], ids=["at a question", "in a step"])
def test_it_can_be_left_at_any_time(
    database: Path,
    typed: Typed,
    invoke: Invoke,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    typing: str,
) -> None:
    """At a question Ctrl-D and Ctrl-C do the same."""
    monkeypatch.delitem(sys.modules, "twitchwatch.terminal.demo_page", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupt(), *sys.meta_path])
    typed(typing)
    outcome = invoke("setup", "--port", "/dev/no-such-port", "--database", database)
    assert outcome.code == 130
    assert "twitchwatch setup` continues here" in outcome.err
