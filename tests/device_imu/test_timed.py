"""Device times of samples: right to what is stated whatever the sensor's rate, with losses and late reads."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

from twitchwatch.analysis.nights import EARLY_SAMPLE_TIME_US, SAMPLE_TIME_US

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MICROPYTHON = Path(sys.executable).with_name("micropython")


def test_no_loss_and_no_late_read_moves_a_later_sample_by_more_than_is_stated() -> None:
    command = [MICROPYTHON, "-X", "heapsize=300wK", HERE / "timed.py", ROOT, "lsm6ds3trc"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    nights = [json.loads(line) for line in run.stdout.splitlines()]
    assert {night["off"] for night in nights} == {0, 0.02, -0.05, 0.095, -0.095}
    for night in nights:
        assert night["looks"] > 500, night
        assert (night["gaps"] > 5) == (night["stalls"] > 0), night
        assert night["worst_ms"] * 1000 <= SAMPLE_TIME_US, night
        assert night["first_ms"] * 1000 <= EARLY_SAMPLE_TIME_US, night
        assert night["back_us"] <= 0, night


def test_an_earlier_sample_is_never_later_than_one_whose_time_was_given() -> None:
    """A loss moves the line; what the log says already stands."""
    spec = importlib.util.spec_from_file_location("clock", ROOT / "firmware" / "twitchband" / "clock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    times = module.SampleClock(104_000)
    times.tie(1000, 10_000_000)
    given_us = times.time_us(1000)
    times.tie(1000, 15_000_000)
    assert times.time_us(990) <= given_us
    # And a later one is never earlier.
    times.tie(1001, 5_000_000)
    assert times.time_us(1001) >= given_us
