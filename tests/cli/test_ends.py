"""How a command ends that may not go on: signals from its first import on, output that is full or closed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from twitchwatch.cli.main import COMMANDS, READER_GONE
from twitchwatch.errors import Exit
from twitchwatch.store import Store

PATIENCE_S = 60.0
TWITCHWATCH = [sys.executable, "-m", "twitchwatch"]
# Names of modules in the order in which a start imports them.
EARLY = ("twitchwatch.cli", "click", "twitchwatch.cli.run")
LATER = (
    "twitchwatch.terminal.page",
    "twitchwatch.service.collecting",
    "sqlite3",
    "twitchwatch.store.schema",
)
# Signals itself as soon as a module of this name is looked for.
_SIGNALLED = """
import os, runpy, signal, sys

class Signal:
    def find_spec(self, name, path, target=None):
        if name == wanted:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), number)

wanted, number = sys.argv[1], getattr(signal, sys.argv[2])
signal.signal(signal.SIGHUP, signal.SIG_DFL)
sys.argv = ["twitchwatch", *sys.argv[3:]]
sys.meta_path.insert(0, Signal())
import twitchwatch.start
from twitchwatch.__main__ import main
main()
"""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TWITCHWATCH_DATABASE", str(tmp_path / "t.db"))
    monkeypatch.setenv("TWITCHWATCH_LOG", str(tmp_path / "t.log"))
    Store.open(tmp_path / "t.db").close()
    return tmp_path / "t.db"


def ended(command: list[str], **how: object) -> tuple[int, str]:
    """The exit code and what was said on stderr."""
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE_S, **how)  # type: ignore[call-overload]
    # A shell's prompt follows ^C on a line of its own.
    return done.returncode, "" if done.stderr == "\n" else done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", ["SIGTERM", "SIGHUP", "SIGINT"])
@pytest.mark.parametrize("module", [*EARLY, *LATER])
def test_an_early_signal_stops_the_daemon(database: Path, module: str, number: str) -> None:
    command = [sys.executable, "-c", _SIGNALLED, module, number, "run", "--json"]
    assert ended(command, stdout=subprocess.DEVNULL) == (Exit.OK, "")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGHUP", 129), ("SIGINT", 130)])
def test_any_other_command_ends_as_a_shell_has_it(database: Path, number: str, code: int) -> None:
    command = [sys.executable, "-c", _SIGNALLED, "twitchwatch.store", number, "nights"]
    assert ended(command, stdout=subprocess.DEVNULL) == (code, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_output_is_said(name: str) -> None:
    with open("/dev/full", "w") as full:
        code, said = ended([*TWITCHWATCH, name, "--help"], stdout=full)
    assert code == Exit.CONFIGURATION
    assert said.startswith("twitchwatch: The output cannot be written: No space left on device.")
    assert len(said.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("line", ["nights --json", "doctor", "run", "run --json", "--version"])
def test_a_full_output_is_said_by_what_works(database: Path, line: str) -> None:
    Store.open(database).journal.note("2026-03-04", "{}", 0)
    with open("/dev/full", "w") as full:
        code, said = ended([*TWITCHWATCH, *line.split()], stdout=full)
    if line == "nights --json":
        # There is nothing to print yet.
        assert (code, said) == (Exit.OK, "")
    else:
        assert (code, said.count("\n")) == (Exit.CONFIGURATION, 1)
        assert "The output cannot be written" in said


def closed(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.mark.skipif(os.name != "posix", reason="descriptors of POSIX")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_closed_output_is_as_good_as_none(name: str) -> None:
    assert ended([*TWITCHWATCH, name, "--help"], preexec_fn=lambda: closed(0, 1)) == (Exit.OK, "")


@pytest.mark.skipif(os.name != "posix", reason="descriptors of POSIX")
def test_no_file_takes_the_place_of_a_closed_output(database: Path) -> None:
    """What is printed would go into it."""
    code, said = ended([*TWITCHWATCH, "status"], preexec_fn=lambda: closed(0, 1))
    assert (code, said) == (Exit.OK, "")
    with Store.open_existing(database) as store:
        assert store.care.examine().whole


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_reader_that_is_gone_ends_it(name: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert ended([*TWITCHWATCH, name, "--help"], stdout=writing) == (READER_GONE, "")
    finally:
        os.close(writing)


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_the_daemon_ends_with_its_reader(database: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert ended([*TWITCHWATCH, "run", "--json"], stdout=writing) == (READER_GONE, "")
    finally:
        os.close(writing)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("line", ["nights", "no-such-command", "detect no-such-file"])
def test_messages_that_cannot_be_written_change_no_exit_code(line: str, tmp_path: Path) -> None:
    command = [*TWITCHWATCH, *line.split()]
    environment = {**os.environ, "TWITCHWATCH_DATABASE": str(tmp_path / "none.db")}
    expected = subprocess.run(command, stderr=subprocess.DEVNULL, env=environment, check=False).returncode
    with open("/dev/full", "w") as full:
        found = subprocess.run(command, stderr=full, env=environment, check=False).returncode
    assert found == expected != 0
