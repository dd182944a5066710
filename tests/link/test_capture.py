"""Raw samples: scaled, in order, and honest about what is missing."""

from __future__ import annotations

import numpy as np
import pytest

from twitchwatch.link.capture import Capture
from twitchwatch.shared.protocol.actions import Captured

TOP = 1 << 30


def frame(first: int, count: int, axes: int = 3) -> Captured:
    acceleration = np.arange(3 * count, dtype="<i2") + 1000
    turning = -np.arange(3 * count, dtype="<i2") if axes == 6 else np.empty(0, "<i2")
    head = (first % TOP, 5, 104000, 122000, 17500 if axes == 6 else 0, axes)
    return Captured(head, acceleration.tobytes() + turning.tobytes())


def test_three_axes_in_g() -> None:
    capture = Capture(1.0)
    assert capture.take(frame(40, 64))
    assert not capture.take(frame(104, 64))
    t_s, acc_g, turning = capture.columns()
    np.testing.assert_allclose(t_s, np.arange(128) / 104)
    np.testing.assert_allclose(acc_g[0], np.array([1000, 1001, 1002]) * 122e-6)
    assert turning is None
    assert (capture.samples, capture.lost, capture.axes) == (128, 0, 3)


def test_six_axes_in_degrees_a_second() -> None:
    capture = Capture(0.1)
    capture.take(frame(0, 20, axes=6))
    _, acc_g, turning = capture.columns()
    assert turning is not None
    np.testing.assert_allclose(turning[1], np.array([-3, -4, -5]) * 0.0175)
    np.testing.assert_allclose(acc_g[1], np.array([1003, 1004, 1005]) * 122e-6)


def test_what_is_lost_is_a_hole_and_counted_over_the_end_of_the_index() -> None:
    capture = Capture(60.0)
    capture.take(frame(TOP - 64, 64))
    capture.take(frame(36, 64))
    assert (capture.samples, capture.lost) == (128, 36)
    t_s, *_ = capture.columns()
    assert t_s[64] - t_s[63] == pytest.approx(37 / 104)


@pytest.mark.parametrize(
    "strange",
    [
        frame(0, 64),
        frame(64, 10, axes=6),
        Captured((64, 5, 0, 122000, 0, 3), bytes(60)),
        Captured((64, 5, 104000, 122000, 0, 5), bytes(60)),
        Captured((64, 5, 104000, 122000, 0, 3), b""),
        Captured((64, 5, 104000, 122000, 0, 3), b"\0\0\0"),
    ],
    ids=["twice", "other axes", "no rate", "five axes", "empty", "half a sample"],
)
def test_a_frame_that_does_not_fit_is_passed_over(strange: Captured) -> None:
    capture = Capture(60.0)
    capture.take(frame(0, 64))
    assert capture.take(strange)
    assert (capture.samples, capture.lost) == (64, 0)
    assert capture.take(Captured((0, 0, 0, 0, 0, 0), b""))
