"""Numbers that occur in two files, because MicroPython folds `const` within one, are the same in both."""

import math

from tests.detector.builds import KERNELS, SOURCES, constants
from twitchwatch.analysis.live_rate import CLASSES
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.shared.detector.parameters import NAMES
from twitchwatch.shared.detector.tables import GAIN, QUICK, SHAPES, SWINGS, TAPS, shapes, tables
from twitchwatch.shared.detector.words import INPUT_STRETCH
from twitchwatch.shared.protocol import records

BYTECODE = ("bouts", "evidence", "halves", "pulses", "verdicts", "detector")
FILES = {name: constants(SOURCES / f"{name}.py") for name in (*KERNELS, *BYTECODE, "state")}
PULSES = FILES["pulses"]
BURSTS = FILES["state"] | FILES["bursts"]
VERDICTS, LIKENESS, EVIDENCE = (FILES[name] for name in ("verdicts", "likeness", "evidence"))
RHYTHM = FILES["rhythm"] | FILES["bouts"]
INTAKE, SPECTRUM, TURNING, DRIVER = (FILES[name] for name in ("intake", "spectrum", "turning", "detector"))
# Names that mean something else in a file: a state or a record of its own has them.
OF_ITS_OWN = {
    "_GRAVITY": {"intake"},
    "_TURN": {"intake"},
    "_ONSET": {"bouts"},
    "_LAST": {"bouts"},
    "_MISSES": {"bouts"},
    "_GAIN": {"likeness"},
}
# As much of the state as a name takes that is not one number.
ROOM = {"_RECENT": 16, "_MARKS": 8, "_BEFORE": 3}
ROOM |= {
    "_CLASSES": len(CLASSES),
    "_WAY": 3,
    "_MEAN_WAY": 3,
    "_KEPT": PULSES["_ROOM"] * PULSES["_USED"],
}


def test_a_name_that_stands_in_two_files_is_one_number() -> None:
    names = {name for file in FILES.values() for name in file}
    for name in names:
        found = {file: numbers[name] for file, numbers in FILES.items() if name in numbers}
        own = OF_ITS_OWN.get(name, set())
        assert own < {*found} or not own, f"{name} is no longer in {own}"
        shared = {number for file, number in found.items() if file not in own}
        assert len(shared) == 1, f"{name}: {found}"
        assert not shared & {found[file] for file in own}, f"{name} of {own} is the common one by now"


def test_the_driver_reads_the_state_where_the_kernels_keep_it() -> None:
    state = {name: value for name, value in DRIVER.items() if name in BURSTS}
    assert {"_INDEX", "_AGE", "_DUE", "_BURST", "_MOVING", "_CREST"} <= state.keys()
    assert state == {name: BURSTS[name] for name in state}
    assert DRIVER["_RISE"] == VERDICTS["_RISE"]
    for name in ("_OPEN", "_SWUNG", "_LOOKED", "_CENTRE"):
        assert DRIVER[name] == RHYTHM[name]
    assert DRIVER["_RHYTHM_INTS"] == RHYTHM["_SILENT"] + 1
    assert (VERDICTS["_SWUNG"], VERDICTS["_LOOKED"]) == (RHYTHM["_SWUNG"], RHYTHM["_LOOKED"])
    own = ("_POWER", "_OPEN", "_CENTRE", "_TURN", "_INSIDE", "_CUT", "_GAIN", "_POWERS", "_P_TILT", "_P_SWAY")
    assert {name: TURNING[name] for name in own} == {name: RHYTHM[name] for name in own}
    read_by_turning = {name: value for name, value in TURNING.items() if name in BURSTS}
    assert read_by_turning == {name: BURSTS[name] for name in read_by_turning}
    assert {"_SLOWLY", "_QUARTER", "_POSTURE", "_TILT", "_TURNS", "_TILTED"} <= read_by_turning.keys()
    assert DRIVER["_TILTED"] == TURNING["_TILTED"]
    read = ("_AXIS", "_INDEX", "_BURST", "_MOVING", "_WRAP")
    assert {name: INTAKE[name] for name in read} == {name: BURSTS[name] for name in read}
    places = [
        INTAKE["_TURN"],
        INTAKE["_LEVEL"],
        *(INTAKE[name] for name in ("_BAD", "_HEAD", "_STRETCHES")),
    ]
    assert sorted({*places, *range(INTAKE["_KNOWN"] + 1)}) == list(range(DRIVER["_INTAKE_INTS"]))
    assert DRIVER["_SPOILT"] == INTAKE["_SPOILT"]
    assert INTAKE["_STRETCH"] == BURSTS["_STRETCH"] == INPUT_STRETCH
    assert TURNING["_PAST"] == SPECTRUM["_PAST"] == INTAKE["_PAST"]
    for name in ("_POWERS", "_CLIPPED", "_STUCK"):
        assert SPECTRUM[name] == {**RHYTHM, **INTAKE}[name]


def test_verdicts_and_likeness_read_the_state_where_sense_keeps_it() -> None:
    for file, least in ((VERDICTS, 30), (LIKENESS, 6), (EVIDENCE, 4), (PULSES, 12)):
        read = {name: value for name, value in file.items() if name in BURSTS}
        assert len(read) >= least
        assert read == {name: BURSTS[name] for name in read}


def test_no_two_things_share_a_place_in_the_state() -> None:
    whole = dict(FILES["state"])
    axis = {name: whole.pop(name) for name in [*whole][: [*whole].index("_INDEX")]}
    axis_ints = axis.pop("_AXIS")
    taken = [place + i for name, place in axis.items() for i in range(4 if name == "_POSTURE" else 1)]
    assert len({*taken}) == len(taken)
    assert max(taken) < axis_ints
    taken = [place + i for name, place in whole.items() for i in range(ROOM.get(name, 1))]
    assert len({*taken}) == len(taken)
    assert min(taken) >= 3 * axis_ints
    assert max(taken) < DRIVER["_STATE_INTS"]


def test_shapes_lie_where_the_kernel_reads_them() -> None:
    assert LIKENESS["_TAPS"] == TAPS
    assert len(SHAPES) == LIKENESS["_SHAPES"] * TAPS
    assert len(SHAPES) // TAPS + len(SWINGS) == LIKENESS["_ALL"]
    assert bytes(shapes()[: len(SHAPES)]) == SHAPES
    assert len(shapes()) == LIKENESS["_ALL"] * TAPS
    lags = 2 * LIKENESS["_REACH"] + 1
    assert [LIKENESS[name] // LIKENESS["_SPAN"] for name in ("_Y", "_Z", "_SUMS")] == [1, 2, 3]
    assert LIKENESS["_SPAN"] == LIKENESS["_EARLIER"] + lags - 1 + TAPS
    earlier = LIKENESS["_EARLIER"]
    assert LIKENESS["_MATCH"] == LIKENESS["_SUMS"] + 3 * (earlier + lags)
    assert LIKENESS["_PAIRED"] == LIKENESS["_MATCH"] + lags * LIKENESS["_SHAPES"]
    assert LIKENESS["_FOUND"] == LIKENESS["_PAIRED"] + 3 * (earlier + lags)
    assert len(Detector()._work) >= LIKENESS["_FOUND"] + 16
    assert LIKENESS["_PULSES"] == LIKENESS["_SHAPES"] + QUICK
    assert {LIKENESS["_PAST"], INTAKE["_PAST"], SPECTRUM["_PAST"]} == {len(Detector()._past) // 3}


def test_the_tables_lie_where_the_kernels_read_them() -> None:
    made = tables()
    for k in (0, 1, 32, 95):
        assert made[k] - 16384 == round(16384 * math.cos(2 * math.pi * k / 128))
        assert made[SPECTRUM["_SINE"] + k] - 16384 == round(16384 * math.sin(2 * math.pi * k / 128))
    assert [made[SPECTRUM["_REVERSED"] + k] for k in (1, 2, 4, 8, 16, 5)] == [16, 8, 4, 2, 1, 20]
    assert list(made[RHYTHM["_GAIN"] :]) == list(GAIN)


def test_the_input_s_bits_are_those_of_the_record() -> None:
    # The two greatest are the recorder's: the kernels do not see registers and clocks.
    bits = {
        name[6:]: value
        for name, value in vars(records).items()
        if name.startswith("INPUT_") and value < records.INPUT_SETTINGS
    }
    # `_LOST` is a count of samples.
    numbers = VERDICTS | INTAKE | {"_LOST": VERDICTS["_GAP"]}
    assert {name: numbers[f"_{name}"] for name in bits} == bits
    assert DRIVER["_NO_EVENTS"] == bits["CLIPPED"] | bits["STUCK"] | bits["GRAVITY"]
    assert INTAKE["_NO_EVENTS"] == DRIVER["_NO_EVENTS"]


def test_every_parameter_has_one_place() -> None:
    places = {
        name: value for file in FILES.values() for name, value in file.items() if name.startswith("_P_")
    }
    read_by_driver = {DRIVER["_SLOW_TURN"]}
    assert NAMES[DRIVER["_SLOW_TURN"]] == "slow_turn"
    assert DRIVER["_WEAK"] == RHYTHM["_P_WEAK"]
    assert sorted({*places.values()} | read_by_driver) == list(range(len(NAMES)))
    for name in ("likeness", "fit", "beat_share"):
        assert NAMES[(LIKENESS | EVIDENCE)[f"_P_{name.upper()}"]] == name
    assert NAMES[DRIVER["_MISSES"]] == "bout_misses"
    assert NAMES[RHYTHM["_P_WEAK"]] == "weak_amplitude"
    assert NAMES[RHYTHM["_P_WEAK_SHARE"]] == "weak_share"
    assert NAMES[VERDICTS["_P_STUCK_RUN"]] == "stuck_run"
    assert NAMES[SPECTRUM["_P_CLIP"]] == "clip"
    for name in ("gravity_least", "gravity_most", "hum_first", "hum_second"):
        assert NAMES[INTAKE[f"_P_{name.upper()}"]] == name
    assert VERDICTS["_P_TILT"] == TURNING["_P_TILT"]
    assert VERDICTS["_P_HOLD"] == BURSTS["_P_HOLD"]
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
        "unrest",
        "pulse",
    ):
        assert NAMES[words[word]].startswith(word)
