"""The sensor's own duration at half of the peak is that of the waveform that it would send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.detector.signals import LSB_MG, RATE_HZ, add, direction, sampled, still
from twitchwatch.analysis.half_width import half_width_s
from twitchwatch.shared.detector.detector import Detector
from twitchwatch.shared.detector.words import event_body
from twitchwatch.shared.protocol.records import HALF_UNKNOWN, TWITCH, Event
from twitchwatch.shared.protocol.snippets import BEFORE, COUNT
from twitchwatch.sim.twitch import twitch_waveform

Detect = Callable[[Any], list[list[int]]]


def twitches(size_mg: float, noise_mg: float = 0.1) -> Any:
    """60 of them in a still hand, five seconds apart; always the same but for their size."""
    rng = np.random.default_rng(21)
    signal = still(rng, 310, noise_mg)
    for at in range(60):
        add(signal, twitch_waveform(rng, peak_mg=size_mg), 5 * at + 6 + rng.uniform(0, 1 / RATE_HZ))
    return sampled(signal)


def events(reported: list[list[int]]) -> list[Event]:
    return [Event(*event_body(word, 0)) for word in reported if word[0] == 1]


def by_waveform(samples: Any, event: Event) -> float | None:
    """In ms."""
    acc_mg = samples.view(np.int16).reshape(-1, 3)[event.sample - BEFORE :][:COUNT] * LSB_MG
    found = half_width_s(acc_mg, RATE_HZ, event.noise_ug / 1000)
    return None if found is None else 1000 * found


@pytest.mark.parametrize("size_mg", [5.0, 20.0, 250.0])
def test_it_is_that_of_the_waveform(detect: Detect, size_mg: float) -> None:
    samples = twitches(size_mg)
    found = [event for event in events(detect(samples)) if event.kind == TWITCH]
    pairs = [(event.half_ms, by_waveform(samples, event)) for event in found]
    known = np.array([(own, shown) for own, shown in pairs if own != HALF_UNKNOWN and shown is not None])
    assert len(known) > 0.95 * len(found) > 50
    late = known[:, 0] - known[:, 1]
    assert abs(np.median(late)) <= 2
    assert np.quantile(np.abs(late), 0.9) <= 5


def test_size_does_not_change_it(detect: Detect) -> None:
    small, large = (
        {event.sample // RATE_HZ: event for event in events(detect(twitches(size_mg)))}
        for size_mg in (10.0, 200.0)
    )
    both = [(small[at], large[at]) for at in small.keys() & large.keys()]
    assert len(both) > 50
    assert np.median([other.duration_ms / one.duration_ms for one, other in both]) > 1.3
    assert abs(np.median([other.half_ms - one.half_ms for one, other in both])) <= 2


def test_what_lasts_longer_than_the_detector_remembers_has_none(detect: Detect) -> None:
    rng = np.random.default_rng(22)
    signal = still(rng, 30)
    t_s = np.arange(2 * RATE_HZ)[:, None] / RATE_HZ
    add(signal, 30 * np.sin(2 * np.pi * 14 * t_s + 3 * np.sin(t_s * 5)) * direction(rng), 10)
    assert [event.half_ms for event in events(detect(sampled(signal)))] == [HALF_UNKNOWN]


def test_any_input_gives_a_number_that_fits_its_field() -> None:
    rng = np.random.default_rng(23)
    for size in (10, 3000, 30000):
        loud = np.clip(rng.normal(0, size, (4000, 3)), -32768, 32767)
        loud *= rng.random((4000, 1)) < 0.01
        detector = Detector(room=1000)
        detector.feed(loud.astype(np.int16).view(np.uint16).ravel(), 0, 4000)
        words = detector.words
        for at in range(words[0]):
            if words[1 + 16 * at] == 1:
                assert 0 <= words[1 + 16 * at + 12] < 128 * 16
