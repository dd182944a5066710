"""A recording at several scales: every level bounds the samples below it, and gaps stay empty."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.analysis.contract import RING
from twitchwatch.recording import Recording, Segment
from twitchwatch.recording.model import LSB_MG
from twitchwatch.recording.pyramid import EMPTY_HIGH, EMPTY_LOW, TILE, WIDTHS, Pyramid


def recording(*stretches: tuple[int, int], seed: int = 1) -> Recording:
    """Stretches as (first sample, count), of random samples."""
    chance = np.random.default_rng(seed)
    segments = tuple(
        Segment(first, chance.integers(-32768, 32767, (count, 3), dtype=np.int16, endpoint=True))
        for first, count in stretches
    )
    return Recording("made", RING, segments)


def timeline(source: Recording) -> tuple[np.ndarray, np.ndarray]:
    """Samples (n, 3) and whether there is one (n,)."""
    values, there = np.zeros((source.end_sample, 3), np.int16), np.zeros(source.end_sample, bool)
    for segment in source.segments:
        values[segment.start_sample : segment.end_sample] = segment.samples
        there[segment.start_sample : segment.end_sample] = True
    return values, there


def level_of(pyramid: Pyramid, level: int) -> np.ndarray:
    tiles, number = [], 0
    while True:
        try:
            tiles.append(pyramid.tile(level, number))
        except IndexError:
            return np.concatenate(tiles)
        number += 1


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 3000)), min_size=1, max_size=4),
    st.integers(0, 9),
)
def test_each_bin_is_the_smallest_and_the_largest_of_its_samples(parts, seed):
    stretches, at = [], 0
    for hole, count in parts:
        # Bridged without a gap, or after one.
        stretches.append((at + hole, count))
        at += hole + count
    source = recording(*stretches, seed=seed)
    values, there = timeline(source)
    pyramid = Pyramid(source)
    for level, width in enumerate(WIDTHS):
        bins = level_of(pyramid, level)
        assert len(bins) == -(-len(values) // width)
        for number, own in enumerate(bins):
            inside = values[number * width : (number + 1) * width][
                there[number * width : (number + 1) * width]
            ]
            if len(inside):
                assert own.tolist() == [*inside.min(axis=0).tolist(), *inside.max(axis=0).tolist()]
            else:
                assert own.tolist() == [EMPTY_LOW] * 3 + [EMPTY_HIGH] * 3
            if level == 0 and number > 60:
                break


def test_tiles_follow_each_other_and_end():
    pyramid = Pyramid(recording((0, 3 * TILE + 5)))
    assert [len(pyramid.tile(0, number)) for number in range(4)] == [TILE, TILE, TILE, 5]
    for level, number in ((0, 4), (0, -1), (-1, 0), (len(WIDTHS), 0), (1, 4)):
        with pytest.raises(IndexError):
            pyramid.tile(level, number)


def test_a_span_without_samples_has_no_swing():
    minute = 60 * 104
    still = np.zeros((minute, 3), np.int16)
    moved = still.copy()
    moved[10] = (0, 100, -300)
    source = Recording("made", RING, (Segment(0, moved), Segment(3 * minute, still)))
    first, *_, last = Pyramid(source).swings_mg(60)
    assert first == round(300 * LSB_MG, 1)
    assert last == 0.0
    assert None in Pyramid(source).swings_mg(60)
