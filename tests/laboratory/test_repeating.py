"""A run repeated from its manifest: the same, or what is different."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.laboratory.made import twitching_hand


@pytest.fixture
def run(tmp_path, monkeypatch, invoke):
    """A folder with two recordings and one that cannot be read, and the manifest of a run over them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "night").mkdir()
    twitching_hand(tmp_path / "night" / "a.csv", 3)
    twitching_hand(tmp_path / "night" / "b.csv", 1)
    (tmp_path / "night" / "c.csv").write_text("nothing,here\n")
    options = ["--set", "tilt=300", "--site", "left wrist", "--candidates"]
    options += ["--start", "a.csv=2026-03-01T23:00:00+01:00", "--start", "b.csv=2026-03-02T23:00:00+01:00"]
    outcome = invoke("detect", *options, "--summary", "first.csv", "--manifest", "run.json", "night")
    assert outcome.code == 2
    return tmp_path / "run.json"


def test_it_finds_the_same_with_the_same_options(run, invoke):
    outcome = invoke("detect", "--repeat", run, "--summary", "second.csv", "--manifest", "again.json")
    assert outcome.code == 0
    assert "Repeated: the results of 3 recordings are as in the first run." in " ".join(outcome.out.split())
    folder = run.parent
    assert (folder / "second.csv").read_bytes() == (folder / "first.csv").read_bytes()
    first, again = (json.loads((folder / name).read_text()) for name in ("run.json", "again.json"))
    assert {**first, "arguments": []} == {**again, "arguments": []}


def test_files_beside_the_manifest_are_found(run, tmp_path_factory, monkeypatch, invoke):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.move(run.parent / "night", elsewhere / "night")
    shutil.move(run, elsewhere / "run.json")
    assert invoke("detect", "--repeat", elsewhere / "run.json").code == 0


def test_a_changed_file_is_reported(run, invoke):
    path = run.parent / "night" / "a.csv"
    path.write_text(path.read_text().replace("0.8", "0.9", 1))
    (run.parent / "night" / "b.csv").unlink()
    outcome = invoke("detect", "--repeat", run, "--json")
    assert outcome.code == 5
    assert "a.csv: the file has changed since the first run" in outcome.err
    assert "b.csv: cannot be read (No such file or directory)" in outcome.err
    assert "as in the first run" not in outcome.out


def test_another_result_is_reported_with_the_versions(run, invoke):
    manifest = json.loads(run.read_text())
    manifest["files"][0]["result_sha256"] = "0" * 64
    manifest["packages"]["numpy"] = "1.0"
    run.write_text(json.dumps(manifest))
    outcome = invoke("detect", "--repeat", run)
    assert outcome.code == 5
    assert "a.csv: the result differs from the first run. Different versions now: numpy " in outcome.err
    assert ", not 1.0." in outcome.err


def test_a_manifest_of_version_1_states_no_results(run, invoke):
    manifest = json.loads(run.read_text())
    manifest["manifest_version"] = 1
    for each in manifest["files"]:
        del each["result_sha256"]
    for name in ("starts", "candidates"):
        del manifest["stated"][name]
    run.write_text(json.dumps(manifest))
    outcome = invoke("detect", "--repeat", run)
    assert outcome.code == 0
    assert "does not contain the results" in " ".join(outcome.out.split())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not a manifest"),
        ("[]", "is not a manifest"),
        ('{"manifest_version": 3}', "is a manifest of a newer version (3)"),
        ('{"manifest_version": 2}', "is not a complete manifest"),
        ('{"manifest_version": 2, "stated": {"start": 5}}', "is not a complete manifest"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path, invoke, content, said):
    path = tmp_path / "run.json"
    path.write_text(content)
    outcome = invoke("detect", "--repeat", path)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err


def test_it_takes_no_files_and_no_options(run, invoke):
    for more in (["night"], ["--rate", "100"], ["--candidates"]):
        assert "give only outputs" in invoke("detect", "--repeat", run, *more).err
    assert "Name the recordings" in invoke("detect").err
