"""What is noted where a burst opens: a peak that came before it, shares of nothing, the unrest around it."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.detector.builds import SOURCES, constants
from twitchwatch.shared.detector.openings import begin, opened
from twitchwatch.shared.detector.parameters import NAMES, table
from twitchwatch.shared.detector.turning import posture

S = constants(SOURCES / "state.py")
FLOOR_MAX = constants(SOURCES / "bursts.py")["_FLOOR_MAX"]
MEDIANS = st.integers(16, FLOOR_MAX)


def sizes(samples: Any) -> list[tuple[int, int]]:
    """Of each sample (x y z as unsigned), in the fine and the coarse scale, from a start on."""
    means = [int(value) << 14 for value in samples[0]]
    found = []
    for sample in samples:
        away = [(int(value) << 14) - mean for value, mean in zip(sample, means, strict=True)]
        means = [mean + (d >> 3) for mean, d in zip(means, away, strict=True)]
        found.append(
            (sum(min(max(d >> 11, -8191), 8191) ** 2 for d in away), sum((d >> 17) ** 2 for d in away))
        )
    return found


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 130),
    st.integers(1, 26),
    st.integers(0, 2**30 - 1),
    MEDIANS,
    MEDIANS,
    st.integers(1, 255),
)
def test_what_an_opened_burst_starts_from(
    seed: int, n: int, first: int, start: int, floor: int, lately: int, unrest: int
) -> None:
    """n: samples since the start, the last of which opens it; first: when the first quarter second ended."""
    rng = np.random.default_rng(seed)
    samples = rng.integers(0, 65536, (n, 3))
    s, past, p = array("i", [0] * 237), array("i", [0] * 384), table()
    s[S["_INDEX"]] = start
    begin(s, (samples[:1] ^ 0x8000).astype(np.uint16).ravel(), 0)
    means = samples[0] << 14
    for k, sample in enumerate(samples):
        for axis in range(3):
            past[128 * axis + ((start + k) & 127)] = int(sample[axis])
        means = means + (((sample << 14) - means) >> 3)
        s[S["_INDEX"]] = (start + k + 1) % 2**30
        for axis in range(3):
            s[S["_AXIS"] * axis + S["_MEAN"]] = int(means[axis])
        if (k + 1 - first) % 26 == 0:
            posture(s, 0, array("i", [0] * 20), p)
    for name, value in (("_FLOOR", floor), ("_LATELY", lately), ("_ENERGY", 4321)):
        s[S[name]] = value
    p[NAMES.index("unrest")] = unrest
    opened(s, 0, p, past)
    found = {name: s[S[name]] for name in ("_FINE", "_COARSE", "_GREATEST", "_TRIGGER", "_ABOVE", "_CREST")}
    newest = (start + n - 1) % 2**30
    last = sizes(samples)[-12:]
    assert found == {
        "_FINE": max(fine for fine, _ in last),
        "_COARSE": max(coarse for _, coarse in last),
        "_GREATEST": 4321,
        "_TRIGGER": newest,
        "_ABOVE": newest,
        "_CREST": newest,
    }
    assert [s[axis * S["_AXIS"] + S["_SHARE"]] for axis in range(3)] == [0, 0, 0]
    allowed = floor // 16 * unrest // 16
    assert s[S["_UNREST"]] == min(max(lately // 16 * 16 // max(allowed, 1), 16), 255)
