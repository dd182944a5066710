"""The detector with other kernels under it: the same source of its driver, run by CPython."""

from __future__ import annotations

import ast
import importlib.util
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import twitchwatch.shared.detector.detector as driver
from tests.detector.machine import Machine

SOURCES = Path(driver.__file__).resolve().parent
KERNELS = ("bursts", "heart", "intake", "likeness", "openings", "rhythm", "spectrum", "turning")
KERNEL_SOURCES = tuple(SOURCES / f"{name}.py" for name in KERNELS)
# Bytecode on the board, called by the driver like a kernel.
BYTECODE_SOURCES = tuple(
    SOURCES / f"{name}.py" for name in ("bouts", "evidence", "halves", "pulses", "verdicts")
)
Kernels = Mapping[str, Callable[..., int]]


def constants(source: Path) -> dict[str, int]:
    """Names bound to `const(...)` in a file."""
    return {
        node.targets[0].id: int(ast.literal_eval(node.value.args[0]))
        for node in ast.parse(source.read_text()).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "const"
        and isinstance(node.value.args[0], ast.Constant)
    }


def driver_over(kernels: Kernels) -> ModuleType:
    """A second copy of detector.py whose `run`, plain Python here, calls the kernels given."""
    spec = importlib.util.spec_from_file_location(f"{driver.__package__}.over_other_kernels", driver.__file__)
    assert spec is not None
    assert spec.loader is not None
    copy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(copy)
    vars(copy).update(kernels, run=copy.run.py_func)
    return copy


class OnProcessor:
    """Detectors whose kernels are a processor's machine code; one machine for all of them."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        kernels: dict[str, Callable[..., int]] = {}
        for source in KERNEL_SOURCES:
            kernels.update(machine.load(source))
        self._driver = driver_over(kernels)
        self._base = machine.used

    def detector(self, *arguments: Any) -> Any:
        """A Detector that lives in the machine's memory. The previous one is gone."""
        self.machine.used = self._base
        detector = self._driver.Detector(*arguments)
        placed = {}
        for name, value in vars(detector).items():
            if isinstance(value, array):
                placed[id(value)] = self.machine.place(value, value.typecode)
                setattr(detector, name, placed[id(value)])
        detector._kernels = tuple(placed[id(value)] for value in detector._kernels)
        return detector

    def samples(self, values: Any) -> Any:
        """Samples in the machine's memory."""
        return self.machine.place(values, np.uint16)
