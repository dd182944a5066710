"""A suspend is noticed by either kind of monotonic clock, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from twitchwatch.link.wakefulness import ASK_EVERY_S, SLEPT_S, Wakefulness


@pytest.mark.parametrize(
    ("awake_s", "elapsed_s", "slept_s"),
    [
        (ASK_EVERY_S, ASK_EVERY_S, 0.0),
        # A busy computer asks a little late.
        (ASK_EVERY_S + 3, ASK_EVERY_S + 3, 0.0),
        # Linux and macOS: the monotonic clock stood still.
        (ASK_EVERY_S, ASK_EVERY_S + 3600, 3600.0),
        # Windows: it went on.
        (ASK_EVERY_S + 3600, ASK_EVERY_S + 3600, 3600.0),
        (ASK_EVERY_S, ASK_EVERY_S + SLEPT_S - 0.1, 0.0),
        # A clock that is set back is no sleep.
        (ASK_EVERY_S, -3600.0, 0.0),
    ],
)
def test_what_counts_as_a_sleep(awake_s: float, elapsed_s: float, slept_s: float) -> None:
    watch = Wakefulness(100.0, 5000.0)
    assert watch.slept_s(100.0 + awake_s, 5000.0 + elapsed_s) == pytest.approx(slept_s)
    # It is told once.
    assert watch.slept_s(100.0 + awake_s + ASK_EVERY_S, 5000.0 + elapsed_s + ASK_EVERY_S) == 0.0
