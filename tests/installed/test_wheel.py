"""The wheel, installed as users install it: what it has, what works, how it reports a missing extra."""

from __future__ import annotations

import json
import math
import random
import re
import shlex
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.installed.conftest import ROOT, SYSTEM, Installed

pytestmark = pytest.mark.wheel

ALERTS = """[[apprise]]
url = "json://127.0.0.1:9/"
[mqtt]
host = "127.0.0.1"
port = 9
"""
AFTER_A_DEMO = (
    "demo --database kept.db", "nights", "nights --night 2001-01-01", "flags", "flags --all", "events",
    "status", "sensors", "triggers", "alerts init", "alerts init", "alerts test", "journal list",
    "plan status", "experiment status", "settings show", "settings show wrong", "flags ack 99", "nihgts",
)  # fmt: skip
HINT = re.compile(r"`([^`]+)`")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of a hand at rest that shakes six times a second for twenty seconds of it."""
    path = tmp_path_factory.mktemp("recording") / "hand.csv"
    noise = random.Random(1)
    rows = ["t_s,ax_g,ay_g,az_g"]
    for i in range(60 * 104):
        shaken = 0.03 * math.sin(math.tau * 6 * i / 104) if 20 * 104 <= i < 40 * 104 else 0.0
        x, y, z = (value + noise.gauss(0, 0.001) for value in (shaken, 0, 1))
        rows.append(f"{i / 104:.5f},{x:.5f},{y:.5f},{z:.5f}")
    path.write_text("\n".join(rows))
    return path


def test_it_has_one_package_with_all_that_is_shared(wheel, full):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"twitchwatch", next(top for top in tops if top.endswith(".dist-info"))}
    sources = {
        path.relative_to(ROOT) for folder in ("shared", "firmware") for path in (ROOT / folder).rglob("*.py")
    }
    assert {f"twitchwatch/{path}" for path in sources} <= set(names)
    assert len(names) == len(set(names))
    record = next(full.site.glob("twitchwatch-*.dist-info/RECORD")).read_text()
    inside = {line.partition("/")[0] for line in record.splitlines() if not line.startswith("..")}
    assert inside == tops
    assert not (full.site / "shared").exists()


def test_it_is_on_the_path(full):
    ran = full.run("twitchwatch --version")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("twitchwatch ")


def test_demo_wears_a_virtual_ring_and_keeps_its_night(full):
    ran = full.run("twitchwatch demo --hours 0.5 --database night.db")
    assert ran.returncode == 0, ran.stderr
    assert "records arrived in" in ran.stdout
    assert full.run("twitchwatch nights --database night.db --json").stdout.count('"night"') >= 1


def test_each_hint_works_as_typed(full):
    """After a demo, by a program that is not on the PATH, as in a checkout after `make run`."""
    program = full.python.parent / "twitchwatch"
    elsewhere = replace(full, path=SYSTEM)
    hints: set[str] = set()
    for command in AFTER_A_DEMO:
        ran = elsewhere.run(f"TWITCHWATCH_DATABASE=kept.db {program} {command}")
        hints |= set(HINT.findall(ran.stdout + ran.stderr))
    assert len(hints) > 5
    for hint in hints:
        assert hint.startswith(f"{program} ")
        # On a terminal, where a form asks its questions; nobody answers them.
        typed = shlex.quote(hint)
        ran = elsewhere.run(
            f"TWITCHWATCH_DATABASE=kept.db timeout 20 script -qec {typed} /dev/null </dev/null"
        )
        assert ran.returncode not in (1, 2, 126, 127), f"{hint}: {ran.stdout}"


def test_detect_finds_tremor(full, recording):
    ran = full.run(f"twitchwatch detect {recording} --json")
    assert ran.returncode == 0, ran.stderr
    kinds = [json.loads(line).get("kind") for line in ran.stdout.splitlines()]
    assert "tremor" in kinds


def test_flash_gets_as_far_as_the_board(full):
    ran = full.run("twitchwatch flash --port /dev/null --wait 0")
    assert ran.returncode == 4
    assert "Traceback" not in ran.stderr
    # It has what it would put on one.
    code = (
        "from twitchwatch.flash.package import *; from pathlib import Path; import sys;"
        "firmware = firmware_folder(); files = sources(firmware, firmware / 'boards/xiao_esp32c3');"
        "print(len(build(files, 'rv32imc', Path(sys.argv[1]))))"
    )
    ran = full.run(f'{full.python} -c "{code}" {full.home / "built"}')
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 40


@pytest.mark.parametrize(
    ("command", "names", "extra"),
    [
        ("demo --hours 0.1", "bumble", "sim"),
        ("demo --replay recording.csv", "bumble", "sim"),
        ("detect recording.csv", "pyarrow", "detect"),
        ("detect recording.edf", "edfio", "recordings"),
        ("flash --port /dev/null", "mpremote", "flash"),
        ("alerts test --database here/night.db", "Apprise", "alerts"),
    ],
)
def test_a_missing_extra_is_named(bare_tool, recording, command, names, extra):
    shutil.copy(recording, bare_tool.home / "recording.csv")
    (bare_tool.home / "recording.edf").write_bytes(b"0".ljust(256))
    bare_tool.run("twitchwatch alerts init --database here/night.db")
    (bare_tool.home / "here" / "alerts.toml").write_text(ALERTS)
    ran = bare_tool.run(f"twitchwatch {command}")
    told = ran.stdout + ran.stderr
    assert "Traceback" not in told
    assert "bug" not in told
    assert ran.returncode not in (0, 1), told
    assert names in told
    assert f"'twitchwatch[{extra}]'" in told


def test_a_daemon_without_aiomqtt_says_so_and_goes_on(bare_tool):
    code = (
        "import asyncio; from twitchwatch.alerts.mqtt import MqttLink;"
        "from twitchwatch.alerts.settings import Broker;"
        "asyncio.run(MqttLink(Broker('127.0.0.1'), print).run())"
    )
    ran = bare_tool.run(f'{bare_tool.python} -c "{code}"')
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "aiomqtt" in ran.stdout
    assert "'twitchwatch[alerts]'" in ran.stdout


@pytest.mark.parametrize("environment", ["bare_tool", "bare_venv"])
def test_the_command_that_adds_an_extra_works_as_typed(request, environment, recording):
    installed: Installed = request.getfixturevalue(environment)
    program = "twitchwatch" if environment == "bare_tool" else f"{installed.python} -m twitchwatch"
    missing = installed.run(f"{program} detect {recording}")
    assert missing.returncode == 3
    (command,) = HINT.findall(missing.stderr)
    added = installed.run(command)
    assert added.returncode == 0, added.stderr
    assert installed.run(f"{program} detect {recording}").returncode == 0


def test_a_hint_names_the_program_as_it_was_called(bare_venv):
    """Its folder is not on the PATH; once it is, the name will do."""
    folder = bare_venv.python.parent
    for program, named in (
        (f"{folder}/twitchwatch", f"{folder}/twitchwatch"),
        (f"{bare_venv.python} -m twitchwatch", f"{bare_venv.python} -m twitchwatch"),
        (f"PATH={folder}:$PATH twitchwatch", "twitchwatch"),
    ):
        ran = bare_venv.run(f"{program} nigths")
        (hint,) = HINT.findall(ran.stderr)
        assert hint == f"{named} --help"
        assert bare_venv.run(f"PATH={folder}:$PATH {hint}").returncode == 0
        if named != "twitchwatch":
            assert bare_venv.run(hint).returncode == 0
