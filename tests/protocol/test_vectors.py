"""The golden vectors: bytes that were once written can be read for ever, by both interpreters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.protocol.vector_check import FILES, broken, load
from tests.protocol.write_vectors import cases

ROOT = Path(__file__).parents[2]
MICROPYTHON = Path(sys.executable).with_name("micropython")


def test_the_vectors_hold() -> None:
    names, count = broken(ROOT)
    assert names == []
    assert count >= 87


def test_the_vectors_hold_on_the_device_s_interpreter() -> None:
    script = Path(__file__).with_name("vector_check.py")
    ran = subprocess.run([MICROPYTHON, script, ROOT], capture_output=True, text=True)
    assert ran.stderr == ""
    assert ran.stdout == f"{broken(ROOT)}\n"


@pytest.mark.parametrize("file", FILES)
def test_what_is_written_today_is_what_was_written_then(file: str) -> None:
    kept = {case["name"]: case for case in load(ROOT, file)}
    today = {case["name"]: case for case in cases(file)}
    missing = sorted(set(today).difference(kept))
    assert missing == [], "new vectors: run python -m tests.protocol.write_vectors"
    changed = [name for name, case in today.items() if kept[name] != case]
    assert changed == [], "an encoding that changes is a new version or type; the old vectors stay"
