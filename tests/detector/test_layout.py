"""Numbers that stand in two files, because MicroPython folds `const` within one, are the same in both."""

import ast
from pathlib import Path

from shared.detector.parameters import NAMES
from tests.detector.builds import SOURCES


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


BURSTS, RHYTHM, DRIVER = (constants(SOURCES / f"{name}.py") for name in ("bursts", "rhythm", "detector"))


def test_the_driver_reads_the_state_where_the_kernels_keep_it() -> None:
    state = {name: value for name, value in DRIVER.items() if name in BURSTS}
    assert {"_INDEX", "_AGE", "_DUE", "_BURST", "_MOVING", "_CREST", "_RISE", "_FLOOR"} <= state.keys()
    assert state == {name: BURSTS[name] for name in state}
    assert DRIVER["_OPEN"] == RHYTHM["_OPEN"]


def test_every_parameter_has_one_place() -> None:
    places = {name: value for name, value in {**BURSTS, **RHYTHM}.items() if name.startswith("_P_")}
    read_by_driver = {DRIVER["_LIKENESS"]}
    assert sorted({*places.values()} | read_by_driver) == list(range(len(NAMES)))
    assert NAMES[DRIVER["_LIKENESS"]] == "likeness"
    assert NAMES[DRIVER["_MISSES"]] == "bout_misses"
    words = {name.removeprefix("_P_").lower().split("_")[0]: value for name, value in places.items()}
    for word in (
        "on",
        "off",
        "onset",
        "release",
        "warm",
        "tilt",
        "hold",
        "epoch",
        "worn",
        "still",
        "sure",
        "beats",
    ):
        assert NAMES[words[word]].startswith(word)
