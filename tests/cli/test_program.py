"""The program as a shell sees it: exit codes, stdout, stderr."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import twitchwatch
from twitchwatch.cli import main
from twitchwatch.cli.main import COMMANDS, program
from twitchwatch.errors import ConfigurationError, DeviceError, Exit, IntegrityError, UsageError

PROGRAM = [sys.executable, "-c", "from twitchwatch.cli.main import main; main()"]
HEAVY = {"numpy", "scipy", "numba", "rich", "bleak", "bumble", "sqlite3", "asyncio"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(program, [name, "--help"])
    assert result.exit_code == 0
    assert f" {name} " in result.output.splitlines()[0]
    assert len(result.output.splitlines()) > 4


def test_overview_names_every_command_in_one_line_and_loads_none():
    script = (
        "import sys; from twitchwatch.cli.main import run; run(['--help']);"
        "print('\\n'.join(sorted(m for m in sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    for name, help_text in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(help_text)}$", ran.stdout, re.MULTILINE), name
    loaded = set(ran.stderr.split())
    assert not loaded & (HEAVY | {f"twitchwatch.cli.{name}" for name in COMMANDS})


def test_version(invoke):
    assert invoke("--version").out == f"twitchwatch {twitchwatch.__version__}\n"


def test_what_is_no_command_is_a_usage_error(invoke):
    outcome = invoke("dance")
    assert (outcome.code, outcome.out) == (Exit.USAGE, "")
    assert "dance" in outcome.err


@pytest.mark.parametrize("error", [UsageError, ConfigurationError, DeviceError, IntegrityError])
def test_an_error_of_ours_is_one_plain_message_and_its_exit_code(invoke, monkeypatch, error):
    monkeypatch.setattr(program, "main", raising(error("what, and what to do")))
    outcome = invoke("nights")
    assert outcome.code == error.exit_code
    assert outcome.err == "twitchwatch: what, and what to do\n"


def test_a_bug_says_that_it_is_one_and_where(invoke, monkeypatch):
    monkeypatch.setattr(program, "main", raising(ZeroDivisionError("oh")))
    outcome = invoke("nights")
    assert outcome.code == Exit.BUG
    assert "this is a bug in twitchwatch" in outcome.err
    assert "ZeroDivisionError: oh" in outcome.err


def test_interruption_ends_without_a_traceback(invoke, monkeypatch):
    monkeypatch.setattr(program, "main", raising(KeyboardInterrupt()))
    outcome = invoke("nights")
    assert (outcome.code, outcome.err) == (130, "")


def raising(error):
    def main(*_, **__):
        raise error

    return main


def test_a_reader_that_goes_away_ends_it_quietly(database):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ran = subprocess.run(
            [*PROGRAM, "events", "--json", "--database", database],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)
    assert (ran.returncode, ran.stderr) == (main.READER_GONE, "")


@pytest.mark.skipif(os.name != "posix", reason="needs a fifo, which only POSIX has")
def test_a_real_interrupt(tmp_path):
    fifo = tmp_path / "endless.csv"
    os.mkfifo(fifo)
    # A shell starts what runs in the background with SIGINT ignored, and a child inherits that.
    ran = subprocess.Popen(
        [*PROGRAM, "detect", fifo],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with fifo.open("w"):
        # Opening for writing returns once the program has opened the file for reading: it is at work.
        ran.send_signal(signal.SIGINT)
        _, err = ran.communicate(timeout=60)
    assert (ran.returncode, err.strip()) == (130, "")


def test_without_numba_detection_names_what_to_install(tmp_path):
    recording = tmp_path / "hand.csv"
    recording.write_text("t_s,ax_g,ay_g,az_g\n" + "".join(f"{k / 104:.6f},0,0,1\n" for k in range(1040)))
    without = "import sys; sys.modules['numba'] = None; " + PROGRAM[2]
    ran = subprocess.run(
        [sys.executable, "-c", without, "detect", recording], capture_output=True, text=True, check=False
    )
    assert ran.returncode == Exit.CONFIGURATION
    assert "pip install 'twitchwatch[detect]'" in ran.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(invoke, shell):
    outcome = invoke("completion", shell)
    assert outcome.code == 0
    assert "_TWITCHWATCH_COMPLETE" in outcome.out


def test_completion_completes():
    environment = {
        **os.environ,
        "_TWITCHWATCH_COMPLETE": "bash_complete",
        "COMP_WORDS": "twitchwatch flags --ch",
        "COMP_CWORD": "2",
    }
    ran = subprocess.run(PROGRAM, capture_output=True, text=True, env=environment, check=False)
    assert ran.stdout.split() == ["plain,--check"]


def test_the_installed_script_is_this_program():
    script = Path(sys.executable).with_name("twitchwatch")
    if not script.exists():
        pytest.skip("the package is not installed in this environment (make setup)")
    ran = subprocess.run([script, "--version"], capture_output=True, text=True, check=False)
    assert ran.stdout == f"twitchwatch {twitchwatch.__version__}\n"
