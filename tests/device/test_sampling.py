"""Clocks and samples: right times, right samples, and nothing allocated on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from twitchwatch.shared.protocol.snippets import DELTAS, RAW, pack_waveform, unpack_waveform
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("night") / "night.i16"
    write_samples(path, modelled_night(5, hours=0.3).samples)
    return path


def test_device_time_goes_on_over_the_wrap_and_sample_times_stay_within_a_period(device):
    clock, *nights = device("clocks.py")
    assert clock["clock"] > 20 * 33
    assert clock["milliseconds"] == 1
    assert [night["kind"] for night in nights] == ["at_night", "live", "with_gaps"]
    for night in nights:
        assert night["worst_ms"] < 10, night
        assert night["back_ms"] <= 0, night


def test_steps_allocate_nothing_and_waveforms_are_the_samples(device, recording):
    (reported,) = device("waveforms.py", recording)
    assert reported["samples"] == recording.stat().st_size // 6
    assert reported["words"] > 20
    assert reported["asked"] > 100
    small, rough = reported["packed"]
    assert (small[0], rough[0]) == (DELTAS, RAW)
    for encoding, tail, values in (small, rough):
        assert pack_waveform(values) == (encoding, bytes.fromhex(tail))
        assert unpack_waveform(encoding, 64, bytes.fromhex(tail)) == values
