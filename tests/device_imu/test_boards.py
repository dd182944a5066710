"""Each board's file: compiled for its chip, and run on stand-ins for the ESP32's modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BOARDS = ROOT / "firmware" / "boards"
MICROPYTHON = Path(sys.executable).with_name("micropython")
NAMES = sorted(path.parent.name for path in BOARDS.glob("*/board.py") if path.parent.name != "sim")


@pytest.mark.parametrize("name", NAMES)
def test_board(name: str) -> None:
    command = [MICROPYTHON, HERE / "board_walk.py", ROOT, name]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
