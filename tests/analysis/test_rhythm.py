"""A night's tremor: weighted figures, honest bands, and a check by the waveform."""

from dataclasses import replace
from datetime import UTC

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.nights_built import build_nights
from twitchwatch.analysis.resolve import ALIKE_HZ, MACHINE
from twitchwatch.analysis.rhythm import alike, bands_of, pooled, shows_line, tremor_of
from twitchwatch.shared.protocol import records as protocol

RATE_HZ = 104.0


def night_of(*bouts, flags=0):
    """Bouts as (second, duration_s, frequency_hz, amplitude_mg)."""
    records = []
    for seq, (second, duration_s, hz, mg) in enumerate(bouts):
        body = (second * 104, duration_s * 1000, round(hz * 1000), 150, mg * 1000, mg * 2000, 10, flags, 0)
        raw = protocol.encode(protocol.TREMOR, seq, 1, second * 1_000_000, body)
        records.append(protocol.decode(raw))
    noon = 1_760_000_400_000_000
    found = build_nights(records, lambda boot, time_us: (noon + time_us, 0), UTC, device="ring")
    return found.nights[0]


@pytest.mark.parametrize(
    ("hz", "names"),
    [
        (2.5, ("slow",)),
        (4.5, ("rest tremor", "essential tremor")),
        (9.0, ("essential tremor", "physiological tremor")),
        (15.0, ()),
    ],
)
def test_all_bands_that_fit_are_named(hz, names):
    assert bands_of(hz) == names


def test_figures_are_weighted_by_duration():
    found = tremor_of(night_of((0, 30, 5.0, 10), (600, 10, 6.0, 20)))
    assert (found.bouts, found.total_s, found.longest_s, found.cycles) == (2, 40, 30, 20)
    (rate,) = found.rates
    assert rate.frequency_hz == pytest.approx(5.25)
    assert rate.amplitude_mg == pytest.approx(12.5)
    assert rate.bands == ("rest tremor", "essential tremor")
    assert found.peak_mg == 40
    assert found.seqs == (0, 1)


def test_a_waveform_can_take_a_bout_back():
    night = night_of((0, 30, 5.0, 10), (600, 10, 6.0, 20))

    def seen(*shown):
        bouts = tuple(replace(bout, shown=one) for bout, one in zip(night.bouts, shown, strict=True))
        return tremor_of(replace(night, bouts=bouts))

    found = seen(True, False)
    assert (found.bouts, found.confirmed, found.contradicted, found.seqs) == (1, 1, 1, (0,))
    assert seen(False, False) is None
    assert (seen(None, None).bouts, seen(None, None).confirmed) == (2, 0)


def test_nights_are_pooled_by_duration():
    first, second = (tremor_of(night_of((0, seconds, hz, 10))) for seconds, hz in ((30, 5.0), (10, 6.0)))
    both = pooled([first, second])
    assert (both.bouts, both.total_s, both.longest_s) == (2, 40, 30)
    (rate,) = both.rates
    assert rate.frequency_hz == pytest.approx(5.25)
    with pytest.raises(ValueError, match="no night"):
        pooled([])


def test_a_machine_is_no_tremor():
    night = night_of((0, 60, 8.0, 10), flags=MACHINE)
    assert (night.bouts, [line.frequency_hz for line in night.disturbances]) == ((), [8.0])
    assert tremor_of(night) is None


def test_unlike_frequencies_are_never_averaged():
    slow, swift = (0, 30, 4.0, 10), (600, 20, 9.0, 20)
    first, second = tremor_of(night_of(slow, swift, (900, 20, 4.4, 40))).rates
    assert (first.bouts, first.total_s) == (2, 50)
    assert first.frequency_hz == pytest.approx(4.16)
    assert (second.frequency_hz, second.amplitude_mg) == (9.0, 20)
    both = pooled([tremor_of(night_of(slow)), tremor_of(night_of(swift))])
    assert [rate.frequency_hz for rate in both.rates] == [4.0, 9.0]


@given(st.lists(st.floats(3, 12), max_size=20))
def test_groups_are_narrow_and_lose_nothing(frequencies_hz):
    groups = alike(frequencies_hz, float)
    assert [hz for group in groups for hz in group] == sorted(frequencies_hz)
    assert all(group and group[-1] - group[0] <= ALIKE_HZ for group in groups)


def wave(hz, seconds=4.0, noise=0.5, seed=1):
    chance = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    swing = np.stack([8 * np.sin(2 * np.pi * hz * t), 5 * np.cos(2 * np.pi * hz * t), 0 * t + 1000], axis=1)
    return swing + chance.normal(0, noise, swing.shape)


def test_a_line_is_seen_whatever_its_direction():
    assert shows_line(wave(5.0), RATE_HZ, 5.0) is True
    assert shows_line(wave(8.0), RATE_HZ, 5.0) is False


def test_noise_and_a_single_burst_show_no_line():
    chance = np.random.default_rng(3)
    noise = chance.normal(0, 1, (416, 3))
    assert shows_line(noise, RATE_HZ, 5.0) is False
    burst = noise.copy()
    burst[200:208] += 50
    assert shows_line(burst, RATE_HZ, 5.0) is False


def test_too_short_a_waveform_tells_nothing():
    assert shows_line(wave(5.0, seconds=0.6), RATE_HZ, 5.0) is None


def test_stillness_shows_no_line():
    assert shows_line(np.zeros((416, 3)), RATE_HZ, 5.0) is False
