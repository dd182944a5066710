"""What a run over several recordings refuses, in a sentence, before it reads anything; what it accepts."""

from __future__ import annotations

import pytest

from tests.cli.reference import SHAPES
from tests.laboratory.made import twitching_hand
from twitchwatch.errors import UsageError
from twitchwatch.laboratory.thresholds import thresholds
from twitchwatch.sensor_settings import PARAMETERS


@pytest.fixture
def hand(tmp_path):
    return twitching_hand(tmp_path / "hand.csv", 2)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--set", "tilt=0"], "tilt is a whole number from 1 to 65535"),
        (["--set", "tilt=1e3"], "tilt is a whole number from 1 to 65535"),
        (["--set", "tilt"], "has no value: write NAME=VALUE"),
        (["--set", "jerkpeak=300"], "There is no threshold 'jerkpeak'. Did you mean jerk_peak?"),
        (["--set", "listen_s=30"], "is a setting of a sensor and not a threshold"),
        (["--site", " "], "--site must have 1 to 60 characters"),
        (["--site", "x" * 61], "not 61"),
        (
            ["--summary", "table.xlsx"],
            "table.xlsx is not the name of a table: let it end in .csv or .parquet",
        ),
        (["--events", "there/is/no.csv"], "there is no folder there/is"),
        (["--manifest", "."], "is a folder"),
        (["--summary", "one.csv", "--events", "./one.csv"], "cannot be written to the same file"),
        (["--start", "yesterday"], "--start yesterday is not a time"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(hand, tmp_path, monkeypatch, invoke, options, said):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    outcome = invoke("detect", *options, hand)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_recording_is_never_written_over(hand, invoke):
    content = hand.read_bytes()
    outcome = invoke("detect", "--events", hand, hand)
    assert outcome.code == 2
    assert "is one of the recordings" in outcome.err
    assert hand.read_bytes() == content


def test_a_start_is_of_one_recording(hand, tmp_path, invoke):
    other = twitching_hand(tmp_path / "other.csv", 0)
    outcome = invoke("detect", "--start", "2026-03-01T23:00:00+01:00", hand, other)
    assert (outcome.code, outcome.out) == (2, "")
    assert "--start is the start of a single recording, but there are 2" in outcome.err
    unknown = invoke("detect", "--start", "third.csv=2026-03-01T23:00:00+01:00", hand, other)
    assert (unknown.code, unknown.out) == (2, "")
    assert "no recording is called that" in unknown.err
    both = ["--start", "hand.csv=2026-03-01T23:00:00+01:00", "--start", "other.csv=2026-03-03T01:00:00+01:00"]
    lines = invoke("detect", "--json", *both, hand, other).lines
    assert {line["source"]: line["start_utc"] for line in lines if line["kind"] == "summary"} == {
        "hand.csv": "2026-03-01T22:00:00.000+00:00",
        "other.csv": "2026-03-03T00:00:00.000+00:00",
    }
    one = invoke("detect", "--json", "--start", "2026-03-01T23:00:00+01:00", hand).lines
    assert one[-1]["start_utc"] == "2026-03-01T22:00:00.000+00:00"
    assert one[0]["start_utc"] > one[-1]["start_utc"]
    local = invoke("detect", "--json", "--start", "2026-03-01T23:00:00", hand).lines
    assert local[-1]["start_local"] == "2026-03-01T23:00:00.000"
    assert local[0]["start_local"][:17] == "2026-03-01T23:00:"


def test_a_folder_without_recordings(tmp_path, invoke):
    (tmp_path / "empty").mkdir()
    outcome = invoke("detect", tmp_path / "empty")
    assert outcome.code == 2
    assert "has no recordings" in outcome.err


def test_a_threshold_changes_what_is_found(hand, invoke):
    assert invoke("detect", "--json", hand).lines[-1]["twitches"] == 2
    changed = invoke("detect", "--json", "--set", "jerk_peak=164", hand).lines[-1]
    assert (changed["twitches"], changed["jerks"]) == (0, 2)


def test_every_threshold_can_be_set_to_its_limits_and_no_further():
    for one in PARAMETERS:
        for value in (one.least, one.greatest):
            changed = thresholds([f"{one.name}={value}"])
            assert changed == {one.name: value}
        for value in (one.least - 1, one.greatest + 1):
            with pytest.raises(UsageError, match=f"from {one.least} to {one.greatest}"):
                thresholds([f"{one.name}={value}"])
    assert thresholds(["tilt=300", "tilt=default"]) == {}


def test_the_same_file_named_twice_is_read_once(hand, tmp_path, invoke):
    lines = invoke("detect", "--json", hand, tmp_path).lines
    assert sum(line["kind"] == "summary" for line in lines) == 1


def test_files_of_one_name_are_told_apart(tmp_path, invoke):
    for name in "ab":
        (tmp_path / name).mkdir()
        twitching_hand(tmp_path / name / "ACC.csv", 1)
    named = invoke("detect", "--json", tmp_path / "a" / "ACC.csv", tmp_path / "b" / "ACC.csv").lines
    assert len({line["source"] for line in named}) == 2
    below = invoke("detect", "--json", tmp_path).lines
    assert {line["source"] for line in below} == {"a/ACC.csv", "b/ACC.csv"}


def test_the_account_has_as_many_candidates_as_there_are_bursts(tmp_path, invoke):
    hand = twitching_hand(tmp_path / "hand.csv", 5, tremor_s=12)
    plain = invoke("detect", "--json", hand).lines
    *lines, summary = invoke("detect", "--json", "--candidates", "--events", tmp_path / "e.csv", hand).lines
    candidates = [line for line in lines if line["kind"] == "candidate"]
    assert [line for line in lines if line["kind"] != "candidate"] == plain[:-1]
    assert summary == plain[-1]
    counts = dict.fromkeys(summary["bursts"], 0)
    for line in candidates:
        counts[line["taken_for"]] += 1
        assert list(line)[1:] == list(SHAPES["detect"]["candidate"])
    assert counts == summary["bursts"]
    assert (tmp_path / "e.csv").read_text().count(",candidate,") == len(candidates) > 5
    page = invoke("detect", "--candidates", hand).out
    assert "its shape is that of a twitch" in page
    assert "its shape is that of a twitch" not in invoke("detect", hand).out
