"""The real mpremote against real MicroPython at the end of a cable."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.cli.reference import SHAPES
from tests.flash.conftest import HOST_ID, flash_it, host_at, write_board
from tests.flash.pty_board import PtyBoard
from twitchwatch.cli.flash import command
from twitchwatch.errors import DeviceError, Exit
from twitchwatch.flash import Flashed, Host, Progress, board_scripts, check, rekey
from twitchwatch.flash.cable import Cable
from twitchwatch.flash.package import build, firmware_folder, sources
from twitchwatch.link.keys import Keys
from twitchwatch.views.shape import SCHEMA_VERSION

Flash = Callable[..., Flashed]
TOP = ("main.py", "board.mpy", "twitchband", "shared")


def mpremote(port: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "mpremote", "connect", port, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.fixture
def wanted(unix_board: Path, tmp_path: Path) -> dict[str, str]:
    """SHA-256 of every file that belongs on the board."""
    files = build(sources(firmware_folder(), unix_board), "x64", tmp_path / "built")
    return {file.target: file.sha256 for file in files}


def there(port: str) -> dict[str, str]:
    found: dict[str, str] = {}

    def hashed(answer: dict[str, str]) -> None:
        found[answer["path"]] = answer["sha256"]

    Cable(port).listen(board_scripts.list_files(TOP), hashed)
    return found


def test_everything_arrives_and_runs(
    flashed: tuple[Path, Flashed], worn: PtyBoard, wanted: dict[str, str]
) -> None:
    done = flashed[1]
    assert done.copied[-1] == "main.py"
    assert set(done.copied) == set(wanted)
    assert done.hardware_id == "24:0A:C4:00:00:01"
    assert there(worn.port) == wanted
    assert json.loads(mpremote(worn.port, "fs", "cat", ":/twitchband.json")) == {"name": "Ring"}
    # The application itself, from machine code on littlefs.
    code = "import twitchband.app as a, shared.detector.bursts as b; print(a.__file__, b.__file__, a.App)"
    assert mpremote(worn.port, "exec", code).split()[:2] == [
        "twitchband/app.mpy",
        "shared/detector/bursts.mpy",
    ]


def test_nothing_is_copied_twice(worn: PtyBoard, flash_unix: Flash, wanted: dict[str, str]) -> None:
    again = flash_unix(worn.port)
    assert (again.copied, again.removed, again.kept) == ((), (), len(wanted))
    worn.await_said(b"sampling")


def test_only_what_differs_is_copied(worn: PtyBoard, flash_unix: Flash, wanted: dict[str, str]) -> None:
    files = ("/twitchband/log.mpy", "/twitchband/app.py", "/board.py", "/shared/old.mpy", "/mine.txt")
    spoil = f"for path in {files!r}:\n with open(path, 'w') as file:\n  file.write('1/0')"
    mpremote(worn.port, "exec", spoil)
    again = flash_unix(worn.port)
    assert again.copied == ("twitchband/log.mpy", "main.py")
    assert set(again.removed) == {"twitchband/app.py", "board.py", "shared/old.mpy"}
    worn.await_said(b"sampling")
    assert there(worn.port) == wanted
    assert mpremote(worn.port, "fs", "cat", ":/mine.txt") == "1/0"


@pytest.mark.parametrize("at", [1, 12, 24])
def test_interrupted_and_run_again(
    blank: PtyBoard, flash_unix: Flash, wanted: dict[str, str], at: int
) -> None:
    """Ctrl-C while the n-th file is on its way."""
    seen = 0

    def impatient(done: int, total: int) -> None:
        nonlocal seen
        seen += 1
        if seen == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        flash_unix(blank.port, progress=Progress(on_bytes=impatient))
    again = flash_unix(blank.port)
    blank.await_said(b"sampling")
    assert again.kept >= at - 2
    assert there(blank.port) == wanted


def test_power_fails_while_copying(
    worn: PtyBoard, flash_unix: Flash, wanted: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The board restarts without main.py, so that nothing half-written is ever run."""
    monkeypatch.setattr("twitchwatch.flash.cable._COPY_S", 2.0)
    monkeypatch.setattr("twitchwatch.flash.cable._COPY_BYTES_PER_S", 1e5)
    mpremote(worn.port, "exec", "import os; os.remove('/twitchband/app.mpy'); os.remove('/board.mpy')")

    plugs = [worn.pull_the_plug, lambda: None]

    def plug(step: str) -> None:
        # While the second file is on its way.
        if step.startswith("Copying") and plugs:
            plugs.pop()()

    with pytest.raises(DeviceError, match=r"was lost.*run this again"):
        flash_unix(worn.port, progress=Progress(on_step=plug))
    worn.await_said(b"booted")
    assert "main.py" not in there(worn.port)
    flash_unix(worn.port)
    worn.await_said(b"sampling")
    assert there(worn.port) == wanted


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (
            {"version": [1, 23, 0], "machine": "ESP32C3 module with ESP32C3"},
            "1.23.0 .* 1.24.0.*ESP32_GENERIC_C3-.*--image FILE",
        ),
        ({"version": [1, 22, 2], "machine": "Generic ESP32 module with ESP32"}, "download ESP32_GENERIC-"),
        ({"name": "circuitpython", "version": [9, 2, 1]}, "circuitpython is on the board"),
        ({"mpy": 0x0306, "machine": "ESP32C3 module with ESP32C3"}, "built without support for machine code"),
        (
            {"mpy": 0x0206 | 11 << 10, "machine": "ESP32C3 module with ESP32C3"},
            "version 6.2, but ours is 6.3",
        ),
    ],
)
def test_refused(tmp_path: Path, says: dict[str, object], words: str) -> None:
    with PtyBoard(tmp_path / "flash.bin", **says) as board:
        with pytest.raises(DeviceError, match=words):
            flash_it(board.port, host_at(tmp_path))
        assert there(board.port) == {}


def test_what_is_no_micropython(blank: PtyBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twitchwatch.flash.prompt.PATIENCE_S", 1.0)
    blank.await_said(b">>> ")
    blank.deaf = True
    with pytest.raises(DeviceError, match=r"does not answer as MicroPython.*reset.*BOOT.*--image FILE"):
        Cable(blank.port).ask("print(1)")


def test_a_board_that_is_still_starting(worn: PtyBoard) -> None:
    """What is said to it meanwhile waits at its port."""
    worn.slow_ms = 1500
    mpremote(worn.port, "reset")
    assert mpremote(worn.port, "exec", "print(6 * 7)").split() == ["42"]
    assert Cable(worn.port).ask("print('{}')") == {}


def test_no_key_stands_in_a_command_line(
    blank: PtyBoard, unix_board: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every user of a computer can read the arguments of every program on it."""
    seen: list[str] = []
    run = subprocess.Popen

    def noting(command: list[str], **options: Any) -> subprocess.Popen[str]:
        seen.extend(str(part) for part in command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "Popen", noting)
    host = host_at(tmp_path)
    flash_it(blank.port, host, board=str(unix_board), test=False)
    assert rekey(blank.port, host, None) == "24:0A:C4:00:00:01"
    keys = [key for known in host.keys.load().values() for key in known]
    assert len(keys) == 2
    assert "mpremote" in seen
    assert not [part for part in seen for key in keys if key.hex() in part or "twitchband.keys" in part]


def test_port_in_use(blank: PtyBoard) -> None:
    import serial

    with (
        serial.serial_for_url(blank.port, exclusive=True),
        pytest.raises(DeviceError, match="is in use"),
    ):
        Cable(blank.port).ask("print(1)")


def keys_there(port: str) -> dict[str, str]:
    keys: dict[str, str] = json.loads(mpremote(port, "fs", "cat", ":/twitchband.keys"))
    return keys


def test_both_sides_share_a_key(flashed: tuple[Path, Flashed], worn: PtyBoard, host: Host) -> None:
    assert flashed[1].key == "made"
    (key,) = host.keys.load()["24:0A:C4:00:00:01"]
    assert keys_there(worn.port) == {f"{HOST_ID:016x}": key.hex()}


def test_a_key_stays_when_flashed_again(worn: PtyBoard, host: Host, flash_unix: Flash) -> None:
    before = host.keys.load()
    assert flash_unix(worn.port, test=False).key == "kept"
    assert host.keys.load() == before


def test_a_second_computer_gets_a_key_of_its_own(worn: PtyBoard, unix_board: Path, tmp_path: Path) -> None:
    first = keys_there(worn.port)
    other = Host(Keys(tmp_path / "other" / "keys.json"), HOST_ID + 1)
    assert flash_it(worn.port, other, board=str(unix_board), test=False).key == "made"
    both = keys_there(worn.port)
    assert both.items() > first.items()
    assert len(set(both.values())) == 2


def test_a_key_that_this_computer_lost_is_renewed(worn: PtyBoard, host: Host, flash_unix: Flash) -> None:
    before = keys_there(worn.port)
    host.keys.path.unlink()
    assert flash_unix(worn.port, test=False).key == "renewed"
    after = keys_there(worn.port)
    assert after.keys() == before.keys()
    assert after != before
    assert [after[f"{HOST_ID:016x}"]] == [key.hex() for key in host.keys.load()["24:0A:C4:00:00:01"]]


def test_a_damaged_key_file_is_replaced(worn: PtyBoard, host: Host, flash_unix: Flash) -> None:
    """Bytes that are no UTF-8, as damaged flash leaves them: MicroPython raises UnicodeError for them."""
    damage = (
        "for path in ('/twitchband.keys', '/twitchband.json'):\n"
        " with open(path, 'wb') as file:\n  file.write(bytes((123, 255, 254, 0)))"
    )
    mpremote(worn.port, "exec", damage)
    again = flash_unix(worn.port, test=False, name="Left")
    assert again.key == "made"
    held = host.keys.load()["24:0A:C4:00:00:01"]
    assert bytes.fromhex(keys_there(worn.port)[f"{HOST_ID:016x}"]) in held
    assert json.loads(mpremote(worn.port, "fs", "cat", ":/twitchband.json")) == {"name": "Left"}


def test_every_part_is_tested(flashed: tuple[Path, Flashed]) -> None:
    checks = {check.part: check for check in flashed[1].checks}
    assert list(checks) == ["sensor", "flash", "radio", "battery"]
    assert flashed[1].works
    assert re.fullmatch(r"LSM6DS3TR-C: 10\d samples/s, 1.00 g, noise 0.0 mg", checks["sensor"].says)
    assert checks["radio"].says == "24:0A:C4:00:00:02"
    assert checks["battery"].says == "4.00 V"


def test_taps_are_felt(worn: PtyBoard, flash_unix: Flash) -> None:
    felt: list[int] = []
    done = flash_unix(worn.port, taps=True, progress=Progress(on_tap=felt.append))
    assert done.checks[-1].part == "taps"
    assert done.works
    assert len(felt) == 3
    assert all(600 <= peak_mg <= 612 for peak_mg in felt)


def test_a_sensor_that_fails_its_test(worn: PtyBoard, host: Host, tmp_path: Path) -> None:
    """The firmware is there, the board starts, and the words say what to do."""
    board = write_board(tmp_path / "unix", own="failed: x moved by 3 mg")
    done = flash_it(worn.port, host, board=str(board), taps=True)
    worn.await_said(b"sampling")
    assert not done.works
    assert [check.part for check in done.checks if not check.good] == ["sensor"]
    assert "failed: x moved by 3 mg" in done.checks[0].says
    assert done.checks[0].remedy


def test_check_tells_what_differs_and_changes_nothing(
    worn: PtyBoard, unix_board: Path, wanted: dict[str, str]
) -> None:
    spoil = (
        "import os\nfor path in ('/twitchband/log.mpy', '/board.py'):\n with open(path, 'w') as file:\n"
        "  file.write('1/0')\nos.remove('/shared/detector/bursts.mpy')"
    )
    mpremote(worn.port, "exec", spoil)
    before = there(worn.port)
    found = check(worn.port, str(unix_board), Progress())
    assert found.differing == ("twitchband/log.mpy",)
    assert found.missing == ("shared/detector/bursts.mpy",)
    assert found.foreign == ("board.py",)
    assert found.same == len(wanted) - 2
    assert there(worn.port) == before


def test_check_of_a_board_that_is_up_to_date(worn: PtyBoard, unix_board: Path) -> None:
    arguments = ["--port", worn.port, "--board", str(unix_board), "--check"]
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert "Up to date" in result.stdout
    assert result.return_value == Exit.OK
    worn.await_said(b"sampling")


def test_command(worn: PtyBoard, unix_board: Path, tmp_path: Path) -> None:
    database = tmp_path / "twitchwatch.db"
    arguments = ["--port", worn.port, "--board", str(unix_board), "--name", "Ringfinger", "--json"]
    arguments += ["--database", str(database)]
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert result.return_value == Exit.OK, result.output
    reported = json.loads(result.stdout)
    assert reported.pop("schema_version") == SCHEMA_VERSION
    worn.await_said(b"sampling")
    assert (reported["kind"], reported["board"], reported["copied"], reported["name"]) == (
        "flash",
        "unix",
        [],
        "Ringfinger",
    )
    assert list(reported) == ["kind", *SHAPES["flash"]["flash"]]
    assert reported["works"] is True
    assert reported["key"] == "made"
    assert Keys.beside(database).load().keys() == {"24:0A:C4:00:00:01"}
    assert json.loads(mpremote(worn.port, "fs", "cat", ":/twitchband.json"))["name"] == "Ringfinger"
