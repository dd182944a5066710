"""Numbers that stand in two files, because MicroPython folds `const` within one, are the same in both."""

import ast
import math
from pathlib import Path

from shared.detector.parameters import NAMES
from shared.detector.tables import GAIN, tables
from shared.detector.words import INPUT_STRETCH
from shared.protocol import records
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


BURSTS, RHYTHM, INTAKE, SPECTRUM, DRIVER = (
    constants(SOURCES / f"{name}.py") for name in ("bursts", "rhythm", "intake", "spectrum", "detector")
)


def test_the_driver_reads_the_state_where_the_kernels_keep_it() -> None:
    state = {name: value for name, value in DRIVER.items() if name in BURSTS}
    assert {"_INDEX", "_AGE", "_DUE", "_BURST", "_MOVING", "_CREST", "_RISE", "_FLOOR"} <= state.keys()
    assert state == {name: BURSTS[name] for name in state}
    assert DRIVER["_OPEN"] == RHYTHM["_OPEN"]
    read = ("_AXIS", "_INDEX", "_BURST", "_ONSET", "_MOVING", "_JERKS", "_MOVES", "_WORD", "_WRAP")
    assert {name: INTAKE[name] for name in read} == {name: BURSTS[name] for name in read}
    own = [INTAKE["_TURN"], *(DRIVER[name] for name in ("_BAD", "_COUNT", "_HEAD", "_STRETCHES"))]
    assert sorted({*own, *range(INTAKE["_KNOWN"] + 1)}) == list(range(DRIVER["_INTAKE_INTS"]))
    assert DRIVER["_STRETCH"] == INPUT_STRETCH
    for name in ("_POWERS", "_CLIPPED", "_STUCK"):
        assert SPECTRUM[name] == {**RHYTHM, **INTAKE}[name]


def test_the_tables_lie_where_the_kernels_read_them() -> None:
    made = tables()
    for k in (0, 1, 32, 95):
        assert made[k] - 16384 == round(16384 * math.cos(2 * math.pi * k / 128))
        assert made[SPECTRUM["_SINE"] + k] - 16384 == round(16384 * math.sin(2 * math.pi * k / 128))
    assert [made[SPECTRUM["_REVERSED"] + k] for k in (1, 2, 4, 8, 16, 5)] == [16, 8, 4, 2, 1, 20]
    assert list(made[RHYTHM["_GAIN"] :]) == list(GAIN)


def test_the_input_s_bits_are_those_of_the_record() -> None:
    bits = {name[6:]: value for name, value in vars(records).items() if name.startswith("INPUT_")}
    assert {name: INTAKE[f"_{name}"] for name in bits} == bits
    assert DRIVER["_NO_EVENTS"] == bits["CLIPPED"] | bits["STUCK"] | bits["GRAVITY"]
    assert (DRIVER["_STUCK"], DRIVER["_HUM"]) == (bits["STUCK"], bits["HUM"])


def test_every_parameter_has_one_place() -> None:
    places = {
        name: value
        for name, value in {**BURSTS, **RHYTHM, **INTAKE, **SPECTRUM}.items()
        if name.startswith("_P_")
    }
    read_by_driver = {DRIVER["_LIKENESS"], DRIVER["_STUCK_RUN"]}
    assert DRIVER["_WEAK"] == RHYTHM["_P_WEAK"]
    assert sorted({*places.values()} | read_by_driver) == list(range(len(NAMES)))
    assert NAMES[DRIVER["_LIKENESS"]] == "likeness"
    assert NAMES[DRIVER["_MISSES"]] == "bout_misses"
    assert NAMES[RHYTHM["_P_WEAK"]] == "weak_amplitude"
    assert NAMES[RHYTHM["_P_WEAK_SHARE"]] == "weak_share"
    assert NAMES[DRIVER["_STUCK_RUN"]] == "stuck_run"
    assert NAMES[SPECTRUM["_P_CLIP"]] == "clip"
    for name in ("gravity_least", "gravity_most", "hum_first", "hum_second"):
        assert NAMES[INTAKE[f"_P_{name.upper()}"]] == name
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
