"""The parts that any detector can enter: their scenes hold what they state, and all of them run."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import find_peaks

from twitchwatch.recording import SAMPLE_RATE_HZ
from validation import tables
from validation.detection import bouts, breaths, counting, heart_share, hearts, trembling
from validation.detection.beats import bare, beats_s
from validation.detection.entrants import OURS, TREMOR, TWITCH, Entrant, Event, Report
from validation.detection.families import FAMILIES
from validation.detection.sizes import SMOKE


@pytest.fixture(autouse=True)
def _modelled_only(monkeypatch):
    """Recordings are for the benchmark itself."""
    monkeypatch.setattr("validation.detection.recordings.present", lambda: False)


@pytest.mark.parametrize("part", [counting, hearts, breaths, trembling])
def test_each_part_gives_tables_that_can_be_printed(part):
    blind = Entrant("blind", lambda samples, rate_hz: Report(()))
    results = part.tell(SMOKE, (OURS, blind))
    assert results.tables
    assert results.bars
    for table in results.tables:
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert tables.markdown(table).startswith("### ")


class TestCounting:
    def test_a_rate_that_is_not_stated_meets_the_bar_only_where_twitches_fuse(self):
        slow, fused = (counting._bar(counting.Count(n, 100, 1.0, 1.0, None, None)) for n in (100, 400))
        assert slow.met is False
        assert fused.met is True

    def test_a_report_is_compared_with_the_truth(self):
        report = Report((Event(TWITCH, 1.0),) * 50, rate_per_h=(90.0, 120.0))
        count = counting.counted(report, 100, 100, 3600.0)
        assert (count.twitch, count.low, count.high) == (0.5, 0.9, 1.2)


class TestHearts:
    def test_intervals_vary_as_stated(self):
        for arrhythmia in (0.0, 0.08, 0.2):
            intervals = np.diff(beats_s(np.random.default_rng(1), 3000, arrhythmia))
            assert intervals.std() / intervals.mean() == pytest.approx(arrhythmia, abs=0.01)

    @pytest.mark.parametrize("arrhythmia", [0.0, 0.05])
    def test_events_on_the_beat_are_the_hearts_and_others_are_not(self, arrhythmia):
        rng = np.random.default_rng(2)
        signal = bare(rng, 300)
        hearts.pulsing(rng, signal, 6.0, 9.0, arrhythmia)
        beats = heart_share.envelope(signal)
        crests = find_peaks(beats, height=2 * np.median(beats), distance=40)[0]
        assert len(crests) > 200
        on_beat = heart_share.phases(signal, crests, np.random.default_rng(3))
        assert on_beat.share > 0.7
        assert on_beat.chance_p < 0.01
        anywhere = heart_share.phases(signal, rng.integers(0, len(signal), 200), np.random.default_rng(3))
        assert anywhere.share < 0.2
        assert anywhere.chance_p > 0.01


class TestBreaths:
    @pytest.mark.parametrize("degrees", [0.5, 5.0])
    def test_gravity_swings_by_what_is_stated(self, degrees):
        signal = breaths.breathing_hand(np.random.default_rng(4), 120, degrees, 0.25, along_axis=True)
        swung = np.degrees(np.arctan2(signal[:, 0], signal[:, 2]))
        assert np.quantile(swung, 0.99) == pytest.approx(degrees, abs=0.25)


class TestTrembling:
    @pytest.mark.parametrize("frequency_hz", [3.0, 12.0])
    @pytest.mark.parametrize("rms_mg", [10.0, 500.0])
    def test_a_tremor_has_its_strength_and_frequency(self, frequency_hz, rms_mg):
        samples, (span,) = trembling.drifting(np.random.default_rng(5), [(frequency_hz, rms_mg)])
        first, last = (round(s * SAMPLE_RATE_HZ) for s in (span.start_s, span.end_s))
        acc = samples[first:last, :3] * 1000
        spectrum = (np.abs(np.fft.rfft(acc - acc.mean(axis=0), axis=0)) ** 2).sum(axis=1)
        hz = np.fft.rfftfreq(len(acc), 1 / SAMPLE_RATE_HZ)
        near = np.abs(hz - frequency_hz) < 1
        assert hz[near][spectrum[near].argmax()] == pytest.approx(frequency_hz, abs=0.3)
        rms = np.sqrt(2 * spectrum[near].sum()) / len(acc)
        assert 0.7 * rms_mg < rms < 1.8 * rms_mg
        assert np.abs(samples[:, :3]).max() < 4

    def test_bouts_are_right_only_if_each_is_stated_and_nothing_between(self):
        spans = (bouts.Span(0, 20, 4.0), bouts.Span(40, 60, 9.0))

        def report(*stated_hz: float) -> Report:
            return Report(tuple(Event(TREMOR, 0.0, 10.0, hz) for hz in stated_hz))

        assert bouts.right(report(4.1, 9.1), spans)
        assert not bouts.right(report(4.1), spans)
        assert not bouts.right(report(4.1, 6.4, 9.1), spans)
        assert not bouts.right(report(), spans)


def test_families_are_known_by_one_name_each():
    assert len({each.name for each in FAMILIES}) == len(FAMILIES)
