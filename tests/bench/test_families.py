"""The families of motions are what they say, and an entrant of any kind takes part."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from twitchwatch.errors import ConfigurationError
from validation import tables
from validation.detection import by_family
from validation.detection.__main__ import main
from validation.detection.by_family import ENERGY, PEAK, scaled
from validation.detection.entrants import (
    BRIEF,
    OURS,
    TWITCH,
    Entrant,
    Event,
    Report,
    at_sensor,
    load,
    report_of,
)
from validation.detection.families import FAMILIES, families
from validation.detection.scenes import twitch_bank, white, with_twitches
from validation.detection.sizes import SMOKE


def _scene():
    rng = np.random.default_rng(1)
    return with_twitches(rng, white("LSM6DS3TR-C"), twitch_bank(rng, 8), 20.0)


class TestFamilies:
    @pytest.mark.parametrize("family", FAMILIES, ids=lambda each: each.name)
    def test_a_motion_peaks_at_one_and_ends(self, family):
        for seed in range(5):
            motion = family.draw(np.random.default_rng(seed))
            size = np.linalg.norm(motion, axis=1)
            assert size.max() == pytest.approx(1)
            assert 5 < len(motion) < 160
            assert motion.shape[1] == 3

    def test_at_least_five_families_and_two_of_them_kept_back(self):
        kept = [each for each in FAMILIES if not each.tunable]
        assert len(FAMILIES) - len(kept) >= 5
        assert len(kept) >= 2
        assert set(families(held_out=False)).isdisjoint(kept)
        assert families(held_out=True) == FAMILIES

    def test_the_page_declares_what_may_be_tuned_on(self):
        page = Path(__file__).parents[2].joinpath("docs", "detection.md").read_text("utf-8")
        rules = page[page.index("## Rules") :].replace("\n ", "")
        tunable, kept = rules[: rules.index("**Held back**")], rules[rules.index("**Held back**") :]
        for family in FAMILIES:
            words = [word for word in family.name.split(",")[0].split() if word not in ("motor", "unit")]
            declared = tunable if family.tunable else kept
            assert all(word in declared for word in words), family.name

    def test_only_rotation_and_two_directions_leave_the_line(self):
        bent = set()
        for family in FAMILIES:
            weights = np.linalg.svd(family.draw(np.random.default_rng(3)), compute_uv=False)
            if weights[1] > 0.02 * weights[0]:
                bent.add(family.name)
        assert bent == {"rotation with gravity", "two directions"}

    def test_energy_is_one_or_the_peak_is(self):
        bank = [family.draw(np.random.default_rng(4)) for family in FAMILIES]
        assert [np.linalg.norm(each, axis=1).max() for each in scaled(bank, PEAK)] == pytest.approx(
            [1] * len(bank)
        )
        assert [np.linalg.norm(each) for each in scaled(bank, ENERGY)] == pytest.approx([1] * len(bank))


class TestEntrants:
    def test_ours_finds_what_is_there(self):
        scene, signal = _scene()
        found = OURS.report(at_sensor(signal)).starts(TWITCH)
        assert len(found) == len(scene.onsets)
        assert np.abs(found - scene.onsets).max() <= 10

    def test_a_command_and_a_callable_agree_with_ours(self):
        _, signal = _scene()
        samples = at_sensor(signal)
        command = load(f"{sys.executable} -m twitchwatch detect --json")
        assert command.report(samples).starts(*BRIEF).tolist() == OURS.report(samples).starts(*BRIEF).tolist()
        assert load("validation.detection.entrants:OURS") is OURS

    def test_a_plain_callable_may_return_events_alone(self):
        entrant = Entrant("guess", lambda samples, rate_hz: [Event(TWITCH, len(samples) / rate_hz)])
        assert entrant.report(np.zeros((208, 3))).starts(TWITCH).tolist() == [208]

    def test_unlike_and_a_range_are_read_if_they_are_stated(self):
        lines = [
            {"kind": "unlike", "start_s": 1.0, "duration_s": 0.1},
            {"kind": "summary", "rest_s": 60.0, "rate_per_h": {"low": 0.0, "high": 60.0}},
        ]
        report = report_of(lines)
        assert report.count("unlike") == 1
        assert report.rate_per_h == (0.0, 60.0)

    @pytest.mark.parametrize(
        "name",
        ["nowhere:OURS", "validation.detection.entrants:NOBODY", "validation.detection.entrants:TWITCH"],
    )
    def test_what_cannot_take_part_is_said(self, name):
        with pytest.raises(ConfigurationError, match="entrant"):
            load(name)

    def test_a_command_that_fails_is_said(self):
        with pytest.raises(ConfigurationError, match="status 3"):
            load(f"{sys.executable} -c 'raise SystemExit(3)'").report(np.zeros((104, 3)))


def test_the_worst_family_comes_first_and_everything_is_an_entrants():
    blind = Entrant("blind", lambda samples, rate_hz: Report(()))
    results = by_family.tell(replace(SMOKE), (OURS, blind))
    curves = results.curves["families"]
    assert all(score.sensitivity == 0 for curve in curves for score in curve.brief["blind"])
    peaks = [np.mean([c.recall(s) for s in by_family.RECALL_BARS]) for c in curves if c.by == PEAK]
    assert peaks == sorted(peaks)
    for table in results.tables:
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert tables.markdown(table).startswith("### ")


def test_a_detector_of_ones_own_takes_part_by_name(tmp_path, monkeypatch, capsys):
    tmp_path.joinpath("mine_of_this_test.py").write_text(
        "from validation.detection.entrants import Event\n\n\n"
        "def everything(samples, rate_hz):\n"
        "    return [Event('twitch', at_s) for at_s in range(int(len(samples) / rate_hz))]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("validation.detection.__main__.QUICK", SMOKE)
    assert main(["--quick", "--only", "counting", "--entrant", "mine_of_this_test:everything"]) == 0
    assert "everything 5" in " ".join(capsys.readouterr().out.split())
    with pytest.raises(SystemExit):
        main(["--quick", "--only", "breaths", "--entrant", "nowhere:nothing"])
    assert "cannot be imported" in " ".join(capsys.readouterr().err.split())
