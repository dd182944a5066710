from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flash.pty_board import MICROPYTHON, PtyBoard
from twitchwatch.flash import Flashed, Host, Order, Progress, flash
from twitchwatch.link.keys import Keys

HOST_ID = 0x0123456789ABCDEF

BOARD = '''"""The Unix port as a board."""

import sys
import time

CHIP = {chip!r}
CONFIG_PATH = "/twitchband.json"
LOG_ROOT = "/log"


class _Imu:
    """Lies still with a twentieth of a mg of noise; after two seconds somebody taps it twice a second."""

    chip, rate_milli_hz, lsb_nano_g, lost, lost_cause = 1, 104000, 122000, 0, 0
    hold_ms = 6500
    delay_us = 0
    gyro = None
    gyro_lsb_udps = 0

    def self_test(self):
        return {own!r}

    def start(self):
        self._began_ms = time.ticks_ms()
        self._taken = 0
        # The self-test starts the sensor too.
        if "twitchband.app" in sys.modules:
            print("sampling")

    def read(self, buffer, most):
        due = time.ticks_diff(time.ticks_ms(), self._began_ms) * 104 // 1000 - self._taken
        n = max(0, min(due, most))
        for i in range(n):
            at = self._taken + i
            buffer[3 * i] = buffer[3 * i + 1] = at & 1
            buffer[3 * i + 2] = 8197 + ({tap} if at > 208 and at % 52 == 40 else 0)
        self._taken += n
        return n

    def clear_lost(self):
        pass

    def temperature_centi_c(self):
        return 3300


_imu = _Imu()


def imu(gyro=False):
    return _imu


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


def write_board(folder: Path, *, own: str = "passed", tap: int = 5000) -> Path:
    """A folder with a board.py for MicroPython's Unix port; its sensor's own report, and its taps."""
    code = "import sys; print(sys.implementation._machine)"
    machine = subprocess.run([MICROPYTHON, "-c", code], capture_output=True, text=True, check=True).stdout
    folder.mkdir()
    chip = machine.strip().replace("-", "")
    (folder / "board.py").write_text(BOARD.format(chip=chip, own=own, tap=tap))
    return folder


@pytest.fixture(scope="session")
def unix_board(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a board.py for MicroPython's Unix port."""
    return write_board(tmp_path_factory.mktemp("boards") / "unix")


def host_at(folder: Path) -> Host:
    """A computer with its keys in `folder`."""
    return Host(Keys(folder / "keys.json"), HOST_ID)


def flash_it(port: str, host: Host, progress: Progress | None = None, **order: Any) -> Flashed:
    """Flash, where the board is never written again."""

    def lost() -> str:
        raise AssertionError("no image was to be written")

    return flash(port, Order(**order), host, progress or Progress(), lost)


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
        done = flash_it(board.port, host_at(image.parent), board=str(unix_board), name="Ring")
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
def host(flashed: tuple[Path, Flashed], tmp_path: Path) -> Host:
    """The computer that flashed the worn board."""
    shutil.copy(flashed[0].with_name("keys.json"), tmp_path)
    return host_at(tmp_path)


@pytest.fixture
def flash_unix(unix_board: Path, host: Host) -> Callable[..., Flashed]:
    return lambda port, **options: flash_it(port, host, board=str(unix_board), **options)
