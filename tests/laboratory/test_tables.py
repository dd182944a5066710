"""The tables are what docs/laboratory.md says they are, column by column, in CSV and in Parquet.

python -m tests.laboratory.test_tables        rewrites the page's lists of columns
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest

from tests.laboratory.made import twitching_hand
from twitchwatch.recording import write_csv
from twitchwatch.views.columns import KINDS, Column
from twitchwatch.views.tables import EVENTS, SUMMARY

PAGE = Path(__file__).parents[2] / "docs" / "laboratory.md"
PARTS = {"summary columns": SUMMARY, "event columns": EVENTS}


def listed(columns: Sequence[Column]) -> str:
    rows = [f"| `{one.name}` | {KINDS[one.cells]} | {one.meaning} |" for one in columns]
    return "\n".join(["| column | cells | meaning |", "| --- | --- | --- |", *rows])


def renewed(page: str) -> str:
    for name, columns in PARTS.items():
        begin = rf"(<!-- {name}: [^>]*-->\n)"
        page = re.sub(
            rf"{begin}.*?(<!-- end of {name} -->)",
            lambda found, columns=columns: f"{found[1]}\n{listed(columns)}\n{found[2]}",
            page,
            flags=re.DOTALL,
        )
    return page


def test_the_page_lists_every_column():
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "run: python -m tests.laboratory.test_tables"
    assert all(f"| `{column.name}` |" in page for columns in PARTS.values() for column in columns)


def test_no_column_is_there_twice_and_each_says_what_it_means():
    for columns in PARTS.values():
        names = [column.name for column in columns]
        assert len(set(names)) == len(names)
        assert all(len(column.meaning) > 3 for column in columns)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A hand with tremor, one with a gap, and a file that is none, in two folders."""
    path = tmp_path / "recordings"
    (path / "later").mkdir(parents=True)
    twitching_hand(path / "b.csv", 3, tremor_s=12)
    whole = np.loadtxt(twitching_hand(path / "later" / "a.csv", 1), delimiter=",", skiprows=1)
    kept = (whole[:, 0] < 10) | (whole[:, 0] > 13)
    write_csv(path / "later" / "a.csv", whole[kept, 0], whole[kept, 1:4])
    (path / "bad.csv").write_text("this is,not a,recording\n1,2,3\n")
    (path / "notes.md").write_text("not looked at\n")
    (path / ".hidden.csv").write_text("not looked at\n")
    return path


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_becomes_two_tables_and_the_bad_file_is_named(folder, tmp_path, invoke):
    summary, events = tmp_path / "summary.csv", tmp_path / "events.csv"
    outcome = invoke("detect", "--site", "left wrist", "--summary", summary, "--events", events, folder)
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "bad.csv, line 1: no known format" in outcome.err
    assert "1 file could not be read" in outcome.out
    rows = cells(summary)
    assert [*rows[0]] == [column.name for column in SUMMARY]
    assert [row["source"] for row in rows] == ["b.csv", "bad.csv", "later/a.csv"]
    assert [row["twitches"] for row in rows] == ["3", "", "1"]
    assert [bool(row["refused"]) for row in rows] == [False, True, False]
    assert {row["site"] for row in rows} == {"left wrist"}
    for row in rows:
        assert row["sha256"] == hashlib.sha256((folder / row["source"]).read_bytes()).hexdigest()
    found = cells(events)
    assert [*found[0]] == [column.name for column in EVENTS]
    kinds = [(row["source"], row["kind"]) for row in found]
    assert kinds == [("b.csv", "twitch")] * 3 + [
        ("b.csv", "tremor"),
        ("later/a.csv", "twitch"),
        ("later/a.csv", "gap"),
    ]
    assert [row["bridged"] for row in found][-1] == "false"
    assert all(not row["start_utc"] for row in found)


def test_the_tables_say_what_the_json_says(folder, tmp_path, invoke):
    """Cell by cell, also as Parquet, whose columns have types."""
    summary, events = tmp_path / "summary.parquet", tmp_path / "events.parquet"
    lines = invoke("detect", "--json", "--summary", summary, "--events", events, folder).lines
    kept = [line for line in lines if line["kind"] == "summary"]
    (refused,) = (line for line in lines if line["kind"] == "refused")
    table = parquet.read_table(summary)
    rows = table.to_pylist()
    assert [row["source"] for row in rows if row["refused"] is None] == [line["source"] for line in kept]
    assert [row["refused"] for row in rows if row["refused"]] == [refused["message"]]
    for row, line in zip([row for row in rows if row["refused"] is None], kept, strict=True):
        for name, count in line["bursts"].items():
            assert row[f"bursts_{name}"] == count
        rate = line["rate_per_h"]
        assert row["rate_per_h_low"] == rate["low"]
        assert [row["rate_per_h_high_interval_low"], row["rate_per_h_high_interval_high"]] == rate[
            "high_interval"
        ]
        assert rate["low_interval"][0] <= rate["low"] <= rate["low_interval"][1]
        assert row["notices"] == "; ".join(line["notices"])
        plain = {key: value for key, value in line.items() if not isinstance(value, dict | list)}
        assert {key: row[key] for key in plain if key != "kind"} == {
            key: value for key, value in plain.items() if key != "kind"
        }
    found = parquet.read_table(events).to_pylist()
    listed = [line for line in lines if line["kind"] not in ("summary", "refused")]
    assert len(found) == len(listed) > 4
    for row, line in zip(found, listed, strict=True):
        plain = {key: value for key, value in line.items() if not isinstance(value, dict)}
        assert {key: row[key] for key in plain} == plain
        assert all(
            row[key] is None for key in row.keys() - plain.keys() if not key.startswith("waveform_check")
        )
    assert table.schema.field("rest_s").metadata[b"meaning"].startswith(b"seconds at rest")


def test_the_same_run_gives_the_same_bytes(folder, tmp_path, invoke):
    written = []
    for number in range(2):
        summary, events = tmp_path / f"s{number}.csv", tmp_path / f"e{number}.csv"
        invoke("detect", "--summary", summary, "--events", events, folder)
        written.append((summary.read_bytes(), events.read_bytes()))
    assert written[0] == written[1]


def test_the_manifest_has_what_repeats_the_run(folder, tmp_path, invoke):
    path = tmp_path / "run.json"
    outcome = invoke("detect", "--json", "--set", "tilt=300", "--site", "ring", "--manifest", path, folder)
    manifest = json.loads(path.read_text())
    summary = outcome.lines[-1]
    assert manifest["parameters"]["tilt"] == 300
    assert manifest["stated"]["thresholds"] == {"tilt": 300}
    assert manifest["stated"]["site"] == summary["site"] == "ring"
    assert manifest["parameters_crc"] == summary["parameters_crc"]
    assert manifest["detector_version"] == summary["detector_version"]
    assert {"numpy", "numba", "scipy", "pyarrow"} <= manifest["packages"].keys()
    assert [file["source"] for file in manifest["files"]] == ["b.csv", "bad.csv", "later/a.csv"]
    for file in manifest["files"]:
        content = Path(file["path"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    usual = invoke("detect", "--json", folder / "b.csv").lines[-1]["parameters_crc"]
    assert usual != manifest["parameters_crc"]


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
