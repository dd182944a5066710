"""The sensors' drivers under real MicroPython, against register-level models of the chips."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MICROPYTHON = Path(sys.executable).with_name("micropython")
CHIPS = ("lsm6ds3trc", "lsm6dsox")
ONLY = {"pattern": CHIPS[:1], "foreign_tag": CHIPS[1:], "trimmed": CHIPS[1:], "wires": CHIPS[:1]}
SCENARIOS = re.findall(r'^def (\w+)\(\):\n    """', (HERE / "scenarios.py").read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    ("chip", "scenario"), [(chip, name) for name in SCENARIOS for chip in ONLY.get(name, CHIPS)]
)
def test_driver(chip: str, scenario: str) -> None:
    command = [MICROPYTHON, "-X", "heapsize=100wK", HERE / "scenarios.py", ROOT, chip, scenario]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
