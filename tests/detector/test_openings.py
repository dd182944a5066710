"""What is noted where a burst opens: a peak that came before it, shares of nothing, the unrest around it."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from tests.detector.builds import SOURCES, constants
from twitchwatch.shared.detector.openings import opened
from twitchwatch.shared.detector.parameters import NAMES, table

S = constants(SOURCES / "bursts.py")
SQUARES = st.integers(0, 2**26)
MEDIANS = st.integers(16, S["_FLOOR_MAX"])


@given(
    st.lists(SQUARES, min_size=12, max_size=12),
    st.lists(SQUARES, min_size=12, max_size=12),
    MEDIANS,
    MEDIANS,
    st.integers(1, 255),
    st.integers(0, 2**30 - 1),
)
def test_what_an_opened_burst_starts_from(
    fines: list[int], coarses: list[int], floor: int, lately: int, unrest: int, index: int
) -> None:
    s = array("i", [77] * 158)
    s[S["_FINES"] : S["_FINES"] + 12] = array("i", fines)
    s[S["_COARSES"] : S["_COARSES"] + 12] = array("i", coarses)
    for name, value in (("_FLOOR", floor), ("_LATELY", lately), ("_INDEX", index), ("_ENERGY", 4321)):
        s[S[name]] = value
    parameters = table()
    parameters[NAMES.index("unrest")] = unrest
    opened(s, 0, parameters)
    found = {name: s[S[name]] for name in ("_FINE", "_COARSE", "_GREATEST", "_TRIGGER", "_ABOVE", "_CREST")}
    newest = (index - 1) % 2**30
    assert found == {
        "_FINE": max(fines),
        "_COARSE": max(coarses),
        "_GREATEST": 4321,
        "_TRIGGER": newest,
        "_ABOVE": newest,
        "_CREST": newest,
    }
    assert [s[axis * S["_AXIS"] + S["_SHARE"]] for axis in range(3)] == [0, 0, 0]
    allowed = floor // 16 * unrest // 16
    assert s[S["_UNREST"]] == min(max(lately // 16 * 16 // max(allowed, 1), 16), 255)
