"""A sensor that goes wrong under the recorder, and heals: minutes in the log, words, and no false rest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from twitchwatch.shared.protocol import records as protocol

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MICROPYTHON = Path(sys.executable).with_name("micropython")
BEGIN_S, HEAL_S, END_S = 330, 1200, 1800
# What the status reports about it, how soon, and the input bits of the minute in which it was noticed.
FAULTS = {
    "range": ("had changed to", 64, protocol.INPUT_SETTINGS),
    "slow": ("76 samples a second, not 104", 120, protocol.INPUT_RATE),
    "half": ("samples a second, not 104", 120, protocol.INPUT_RATE),
    "double": ("too many samples a second", 120, protocol.INPUT_RATE),
    "stubborn": ("is 0x4C, not 0x48", 64, protocol.INPUT_SETTINGS),
    "held": ("gives no samples", 30, protocol.INPUT_LOST),
    "dead": ("gives no samples", 30, protocol.INPUT_LOST),
    "absent": ("No sensor answers", 30, protocol.INPUT_LOST),
    "cycled": ("", 0, protocol.INPUT_LOST),
}
PUT_RIGHT = {"range", "slow", "cycled"}
CASES = [("lsm6ds3trc", fault) for fault in FAULTS] + [
    ("lsm6dsox", "range"),
    ("mpu6050", "double"),
    ("mpu6886", "range"),
]


def watched(chip: str, fault: str) -> dict:
    command = [MICROPYTHON, "-X", "heapsize=300wK", HERE / "watched.py", ROOT, chip, fault]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    found: dict = json.loads(run.stdout)
    found["epochs"] = [(ms / 1000, protocol.Epoch(*body)) for ms, body in found["epochs"]]
    return found


def sensed_s(epoch) -> float:
    return (epoch.rest_ms + epoch.moving_ms + epoch.not_worn_ms) / 1000


def length_s(epoch) -> float:
    return sensed_s(epoch) + (epoch.lost_ms + epoch.unusable_ms) / 1000


@pytest.mark.parametrize(("chip", "fault"), CASES)
def test_a_wrong_sensor_is_named_no_rest_is_counted_and_the_minutes_are_in_the_log(
    chip: str, fault: str
) -> None:
    found = watched(chip, fault)
    words, soon_s, bits = FAULTS[fault]
    begin_s = 0 if fault == "absent" else BEGIN_S
    epochs = found["epochs"]
    assert sum(length_s(epoch) for _, epoch in epochs) >= 0.95 * END_S
    assert found["backwards_us"] <= 0
    named = [ms / 1000 for ms, said in found["faults"] if words and words in said]
    assert not words or named[0] <= begin_s + soon_s, found["faults"]
    if fault in PUT_RIGHT:
        assert found["boots"] == 1
        # The minute in which it happened counts for nothing, the next one as ever.
        wrong = [epoch for at_s, epoch in epochs if at_s <= begin_s < at_s + length_s(epoch)]
        assert any(epoch.input & bits for epoch in wrong)
        if bits != protocol.INPUT_LOST:
            assert sum(sensed_s(epoch) for epoch in wrong) == 0
    else:
        # From the minute in which it began until the sensor was right again.
        during = [epoch for at_s, epoch in epochs if begin_s + 60 <= at_s < HEAL_S - 60]
        assert len(during) >= 0.9 * (HEAL_S - begin_s - 120) / 60
        assert sum(sensed_s(epoch) for epoch in during) < 1
        expected = protocol.INPUT_LOST if fault == "stubborn" else bits
        assert all(epoch.input & expected for epoch in during)
        assert found["boots"] <= 3
    assert found["faults"][-1][1] == ""
    healed = [epoch for at_s, epoch in epochs if at_s >= HEAL_S + 120]
    assert sum(sensed_s(epoch) for epoch in healed) >= 0.95 * (END_S - HEAL_S - 200)
    assert not any(epoch.input & (protocol.INPUT_RATE | protocol.INPUT_SETTINGS) for epoch in healed)
    assert found["gaps"] < 10


def test_a_sound_sensor_is_left_alone() -> None:
    found = watched("lsm6ds3trc", "none")
    assert found["gaps"] == 0
    assert found["faults"] == [[4008, ""]]
    assert [(length_s(epoch), epoch.unusable_ms, epoch.input) for _, epoch in found["epochs"]] == [
        (60, 0, 0)
    ] * 30
