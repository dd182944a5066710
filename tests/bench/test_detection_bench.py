"""The benchmark of the detector: its scoring is right, and all of it runs, at meaningless sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.recording import SAMPLE_RATE_HZ
from validation import tables
from validation.detection import false_twitches, faults, kinds, precision, second, tremor, twitches
from validation.detection.__main__ import write, write_first
from validation.detection.baselines import Energy, bound_hits, calibrated, crossings_per_hour
from validation.detection.disturbed import DISTURBANCES, alone, modelled_night
from validation.detection.matching import interval, match, score
from validation.detection.scenes import noise_rms, onsets, twitch_bank, white, with_twitches, worn
from validation.detection.sizes import SMOKE

SAMPLES = st.lists(st.integers(0, 3000), max_size=40, unique=True).map(
    lambda each: np.array(sorted(each), int)
)


@pytest.fixture(autouse=True)
def _modelled_only(monkeypatch):
    """Recordings and peers are for the benchmark itself."""
    monkeypatch.setattr("validation.detection.recordings.present", lambda: False)
    monkeypatch.setattr("validation.detection.peer.present", lambda: False)


class TestMatching:
    @given(true=SAMPLES, found=SAMPLES)
    def test_pairs_are_one_to_one_and_near(self, true, found):
        pairs = match(true, found)
        assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
        assert all(abs(true[i] - found[j]) <= 0.1 * SAMPLE_RATE_HZ for i, j in pairs)

    @given(true=SAMPLES, found=SAMPLES)
    def test_every_event_is_counted_once(self, true, found):
        reported = score(true, found, 30.0)
        assert reported.hits.sum() + reported.misses.sum() == len(true)
        assert reported.hits.sum() + reported.false.sum() == len(found)

    @given(true=SAMPLES)
    def test_the_truth_scores_full_marks(self, true):
        reported = score(true, true, 30.0)
        assert reported.misses.sum() == reported.false.sum() == 0
        assert (reported.late_ms == 0).all()

    def test_a_tenth_of_a_second_late_is_found_and_more_is_not(self):
        assert score(np.array([1000]), np.array([1010]), 30).f1 == 1
        assert score(np.array([1000]), np.array([1011]), 30).f1 == 0

    def test_the_interval_holds_the_share(self):
        low, high = interval(9, 10)
        assert low < 0.9 < high < 1


class TestScenes:
    def test_twitches_peak_as_stated_and_keep_apart(self):
        rng = np.random.default_rng(1)
        assert [np.linalg.norm(each, axis=1).max() for each in twitch_bank(rng, 5)] == pytest.approx([1] * 5)
        assert np.diff(onsets(rng, 500)).min() >= 1.5 * SAMPLE_RATE_HZ - 1

    def test_noise_is_what_the_chip_has(self):
        background = white("LSM6DS3TR-C")
        assert background.noise_mg == pytest.approx(0.649, abs=0.001)
        drawn = background.draw(np.random.default_rng(2), 120)
        assert noise_rms(drawn) == pytest.approx(background.noise_mg, rel=0.05)

    @pytest.mark.parametrize("disturbance", DISTURBANCES, ids=lambda each: each.name)
    def test_each_disturbance_runs(self, disturbance):
        assert alone(worn(), disturbance, 1, 1, 40.0).duration_s == pytest.approx(50, abs=0.1)

    def test_a_disturbed_night_is_the_same_for_the_same_seed(self):
        np.testing.assert_array_equal(modelled_night(3, 0.1).signal, modelled_night(3, 0.1).signal)


class TestBounds:
    def test_white_noise_crosses_as_often_as_its_formula_says(self):
        noise = np.random.default_rng(4).standard_normal(2_000_000)
        crossed = np.count_nonzero((noise[1:] > 3) & (noise[:-1] <= 3)) / len(noise) * SAMPLE_RATE_HZ * 3600
        assert crossings_per_hour(3.0, 0.0) == pytest.approx(crossed, rel=0.1)

    def test_a_large_known_twitch_is_always_found(self):
        background = white("MPU6050")
        bank = twitch_bank(np.random.default_rng(5), 5)
        peak_mg = 20 * background.noise_mg
        scene, signal = with_twitches(np.random.default_rng(6), background, bank, peak_mg)
        assert bound_hits(signal, scene, [peak_mg * each for each in bank], background.noise_mg, 1.0) == 1

    def test_the_plain_rule_passes_the_noise_that_it_may(self):
        rule = calibrated(Energy(), np.random.default_rng(7), 0.5, 10.0)
        found = rule(np.random.default_rng(7).standard_normal((round(0.5 * 3600 * SAMPLE_RATE_HZ), 3)))
        assert 1 <= len(found) <= 5


class TestWhole:
    @pytest.mark.parametrize("part", [twitches, false_twitches, tremor, kinds, second, faults, precision])
    def test_each_part_gives_tables_that_can_be_printed(self, part):
        results = part.tell(replace(SMOKE, snrs=(5, 10)))
        assert results.tables
        for table in results.tables:
            assert all(len(row) == len(table.columns) for row in table.rows)
            assert tables.markdown(table).startswith("### ")

    def test_the_lever_turns_back(self):
        assert tremor.mg_of(tremor.dps_of(10.0, 5.0), 5.0) == pytest.approx(10)

    def test_the_page_keeps_its_words_and_takes_new_figures(self, tmp_path):
        there = tmp_path / "page.md"
        there.write_text("before\n<!-- figures -->\nold\n<!-- end figures -->\nafter\n")
        bar = tables.Bar("F1", ">= 0.8", "0.9", True, tables.MODELLED)
        write("head", tables.Results(bars=[bar]), [("a.svg", "a picture")], there)
        text = there.read_text()
        assert text.startswith("before\n")
        assert text.endswith("\nafter\n")
        assert "old" not in text
        assert "| F1 | >= 0.8 | 0.9 | met | modelled |" in text

    def test_the_first_page_has_what_is_missed_first(self, tmp_path):
        there = tmp_path / "page.md"
        there.write_text(
            "<!-- numbers -->\n<!-- end numbers -->\n<!-- entrants -->\n<!-- end entrants -->\nafter\n"
        )
        numbers = [
            tables.Number(order, f"what {order}", "1", "<= 1", met, tables.REAL)
            for order, met in ((3, True), (1, True), (2, False), (4, False))
        ]
        marks = [tables.Mark("one", "found", "0.9"), tables.Mark("two", "tremor", "0.8")]
        found = tables.Results(numbers=numbers, marks=marks)
        write_first("head", found, [("a.svg", "a picture")], there)
        text = there.read_text()
        places = [text.index(f"what {order}") for order in (2, 4, 1, 3)]
        assert places == sorted(places)
        assert text.index("a.svg") < places[0]
        assert "| found | 0.9 | - |\n| tremor | - | 0.8 |" in text

    def test_a_page_without_marks_is_left_alone(self, tmp_path):
        there = tmp_path / "page.md"
        there.write_text("words")
        with pytest.raises(ValueError, match="no marks"):
            write("head", tables.Results(), [], there)
        assert there.read_text() == "words"
