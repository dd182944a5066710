from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.flash.pty_board import MICROPYTHON, PtyBoard
from twitchwatch.flash import Flashed, flash

BOARD = '''"""The Unix port as a board, with a sensor that never has anything."""

CHIP = {chip!r}
CONFIG_PATH = "/twitchband.json"
LOG_ROOT = "/log"


class _Imu:
    chip, rate_milli_hz, lsb_nano_g, lost, lost_cause = 0, 104000, 122000, 0, 0

    def start(self):
        print("sampling")

    def read(self, buffer, most):
        return 0


def imu():
    return _Imu()


def hardware_id():
    return "24:0A:C4:00:00:01"


def random_u32():
    return 7


def usb_powered():
    return False


def led(on):
    pass


def reset_cause():
    return 1


button_pressed = button_held = usb_powered


def battery_mv():
    return 4000


def temperature_centi_c():
    return 3300
'''


@pytest.fixture(scope="session")
def unix_board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a board.py for MicroPython's Unix port."""
    code = "import sys; print(sys.implementation._machine)"
    machine = subprocess.run([MICROPYTHON, "-c", code], capture_output=True, text=True, check=True).stdout
    folder = tmp_path_factory.mktemp("boards") / "unix"
    folder.mkdir()
    (folder / "board.py").write_text(BOARD.format(chip=machine.strip().replace("-", "")))
    return folder


@pytest.fixture
def blank(tmp_path: Path) -> Iterator[PtyBoard]:
    """A board with MicroPython and nothing else."""
    with PtyBoard(tmp_path / "flash.bin") as board:
        yield board


@pytest.fixture(scope="session")
def flashed(unix_board: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Flashed]:
    """The flash of a board that was flashed once and came to sample afterwards; and what was done."""
    image = tmp_path_factory.mktemp("flashed") / "flash.bin"
    with PtyBoard(image) as board:
        done = flash(board.port, board=str(unix_board), name="Ring")
        board.await_said(b"sampling")
    return image, done


@pytest.fixture
def worn(flashed: tuple[Path, Flashed], tmp_path: Path) -> Iterator[PtyBoard]:
    """A board that was flashed before; its application runs."""
    copy = tmp_path / "worn.bin"
    shutil.copy(flashed[0], copy)
    with PtyBoard(copy) as board:
        yield board


@pytest.fixture
def flash_unix(unix_board: Path) -> Callable[..., Flashed]:
    return lambda port, **options: flash(port, board=str(unix_board), **options)
