"""The firmware's own viper functions as both processors' machine code: what their source means, they do."""

from __future__ import annotations

import ast
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import DTypeLike

from tests.detector.builds import KERNEL_SOURCES, OnProcessor
from tests.viper import ROOT, SOURCES, viper_functions
from twitchwatch.shared.protocol.record_types import MAX_RECORD_BYTES, OVERHEAD_BYTES

BAND = ROOT / "firmware" / "twitchband"
# Globals that they read.
NAMES = {"OVERHEAD_BYTES": OVERHEAD_BYTES, "MAX_RECORD_BYTES": MAX_RECORD_BYTES}


class Case(NamedTuple):
    """A call: numbers, and memory as (values, type)."""

    source: Path
    name: str
    arguments: list[Any]


class Cells(list[int]):
    """Memory of unsigned cells, as a viper pointer sees it: what is stored is cut to their width."""

    def __init__(self, values: Any, dtype: DTypeLike) -> None:
        super().__init__(map(int, values))
        self._mask = (1 << 8 * np.dtype(dtype).itemsize) - 1

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(index, value & self._mask)


def memory(rng: np.random.Generator, count: int, dtype: str, top: int | None = None) -> tuple[Any, str]:
    return rng.integers(0, top or 1 << 8 * np.dtype(dtype).itemsize, count), dtype


def taps() -> tuple[Any, str]:
    """The resampler's, as pointers to halves see them: other numbers would leave 32 bits."""
    tree = ast.parse((BAND / "imu/resample.py").read_text())
    (assigned,) = (node for node in tree.body if ast.unparse(node).startswith("TAPS = "))
    scope: dict[str, Any] = {"array": array}
    exec(ast.unparse(assigned), scope)
    return np.asarray(scope["TAPS"], np.int16).view(np.uint16), "u2"


def cases() -> list[Case]:
    rng = np.random.default_rng(8)
    reported = []
    for n in (0, 1, 7, 32):
        for tag in (-1, 2):
            words = memory(rng, 7 * n + 7, "u1", 40)
            reported.append(
                Case(BAND / "imu/words.py", "unpack", [words, 7, 1, tag, n, memory(rng, 200, "u2")])
            )
        for gyro_at in (0, 8):
            words, raw = memory(rng, 14 * n + 14, "u1"), memory(rng, 300, "u2")
            reported.append(Case(BAND / "imu/resample.py", "gather", [words, 14, gyro_at, n, raw, 12]))
        for width in (3, 6):
            state = ([7, int(rng.integers(0, 104)), n & 1], "i4")
            raw, out = memory(rng, 6 * (n + 16), "u2"), memory(rng, 200, "u2")
            given = [raw, width, n, state, taps(), out, memory(rng, 200, "u2")]
            reported.append(Case(BAND / "imu/resample.py", "resample", given))
        ring = memory(rng, 3 * 1024, "u2")
        reported.append(Case(BAND / "sampler.py", "remember", [memory(rng, 200, "u2"), n, ring, 1010]))
        reported.append(Case(BAND / "cipher.py", "_number", [memory(rng, 16 * 33, "u1"), 250, n]))
        reported.append(
            Case(BAND / "cipher.py", "_xor", [memory(rng, 64, "u1"), 5, memory(rng, 64, "u1"), n])
        )
        data = memory(rng, 300, "u1", 9)
        reported.append(Case(BAND / "rescue.py", "_candidate", [data, n, 300]))
        reported.append(Case(BAND / "rescue.py", "_candidate", [(data[0] * 0, "u1"), n, 300]))
    return reported


def by_python(source: Path, name: str) -> Callable[..., Any]:
    """The function's source as plain Python."""
    tree = ast.parse(source.read_text())
    (function,) = (node for node in viper_functions(tree) if node.name == name)
    function.decorator_list, function.returns = [], None
    for argument in function.args.args:
        argument.annotation = None
    constants: dict[str, Any] = dict(NAMES)
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("const("):
            exec(ast.unparse(node), {"const": int}, constants)
    scope = dict(constants)
    exec(ast.unparse(function), scope)
    plain: Callable[..., Any] = scope[name]
    return plain


@pytest.fixture(scope="module")
def kernels(processor: OnProcessor) -> Mapping[Path, Mapping[str, Callable[..., int]]]:
    return {source: processor.machine.load(source, NAMES) for source in {case.source for case in cases()}}


def test_the_firmware_s_kernels_do_what_their_source_says(
    processor: OnProcessor, kernels: Mapping[Path, Mapping[str, Callable[..., int]]]
) -> None:
    before = processor.machine.used
    for source, name, arguments in cases():
        here = [Cells(*a) if isinstance(a, tuple) else a for a in arguments]
        there = [processor.machine.place(*a) if isinstance(a, tuple) else a for a in arguments]
        result, returned = by_python(source, name)(*here), kernels[source][name](*there)
        assert result is None or result == returned, name
        for a, b in zip(here, there, strict=True):
            if isinstance(a, Cells):
                assert a == [int(value) for value in b], name
        processor.machine.used = before


def test_every_viper_function_is_run() -> None:
    run = {(case.source, case.name) for case in cases()}
    for source in SOURCES:
        # The chips' models run in the simulator alone: no board ever has them.
        if source not in KERNEL_SOURCES and "models" not in source.parts:
            for function in viper_functions(ast.parse(source.read_text())):
                assert (source, function.name) in run, f"{source}: {function.name} runs in no test"
