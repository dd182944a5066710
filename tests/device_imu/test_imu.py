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
CHIPS = ("lsm6ds3trc", "lsm6dsox", "mpu6050", "mpu6886")
ONLY = {
    "pattern": CHIPS[:1],
    "foreign_tag": CHIPS[1:2],
    "trimmed": CHIPS[1:2],
    "twins": CHIPS[1:2],
    "wires": CHIPS[:1],
    "settling": CHIPS[:2],
    "watermark": ("lsm6ds3trc", "lsm6dsox", "mpu6886"),
    "factory_code_missing": CHIPS[3:],
}
# The gyroscope changes nothing here, or what it changes has a scenario without it.
ACCELERATION_ONLY = {"wires", "temperature", "trimmed", "foreign_tag", "small_buffer"}
SCENARIOS = [
    (subject, name)
    for subject in ("draining", "disturbed", "setting_up")
    for name in re.findall(r'^def (\w+)\(\):\n    """', (HERE / f"{subject}.py").read_text(), re.MULTILINE)
]


@pytest.mark.parametrize(
    ("chip", "gyro", "subject", "scenario"),
    [
        (chip, gyro, subject, name)
        for subject, name in SCENARIOS
        for chip in ONLY.get(name, CHIPS)
        for gyro in (("off",) if name in ACCELERATION_ONLY else ("off", "gyro"))
    ],
)
def test_driver(chip: str, gyro: str, subject: str, scenario: str) -> None:
    command = [MICROPYTHON, "-X", "heapsize=100wK", HERE / f"{subject}.py", ROOT, chip, gyro, scenario]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
