"""No viper function has an index that the compiler makes wrong Xtensa code of."""

from __future__ import annotations

import ast

import pytest

from tests.viper import ROOT, SOURCES, far_indices, viper_functions

HEAD = (
    "from micropython import const\nimport micropython\n_FAR = const(448)\n_NEAR = const(255)\nPLAIN = 300\n"
)
KERNEL = "@micropython.viper\ndef kernel(work: ptr32, i: int) -> int:\n    {}\n    return 0\n"


def test_no_constant_index_lies_above_255_or_below_0() -> None:
    checked = 0
    for path in SOURCES:
        source = path.read_text()
        checked += len(list(viper_functions(ast.parse(source))))
        assert far_indices(source) == [], path.relative_to(ROOT)
    assert checked > 10


@pytest.mark.parametrize(
    "line",
    [
        "i = work[256]",
        "work[256] = i",
        "work[_FAR] += 1",
        "i = work[_NEAR + 1]",
        "i = work[-1]",
        "i = work[PLAIN]",
        "while work[_FAR]: i += work[0]",
        "i = work[1 << 8]",
        "local = const(999)\n    i = work[local]",
    ],
)
def test_one_is_found(line: str) -> None:
    assert len(far_indices(HEAD + KERNEL.format(line))) == 1


@pytest.mark.parametrize(
    "line", ["i = work[255]", "i = work[_NEAR]", "k = _FAR\n    i = work[k]", "i = work[i + 448]"]
)
def test_what_the_compiler_does_right_passes(line: str) -> None:
    assert far_indices(HEAD + KERNEL.format(line)) == []


def test_bytecode_may_index_as_it_likes() -> None:
    assert far_indices("def plain(work):\n    return work[448]\n") == []
