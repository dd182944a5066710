"""A study: nights under pseudonyms, queries without what is damaged, and withdrawal that is complete."""

from __future__ import annotations

import copy
import errno
import hashlib
import io
import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from tests.study.conftest import NOW_US, WEARERS, members
from twitchwatch.errors import ConfigurationError, UsageError
from twitchwatch.store import Store
from twitchwatch.study import pulling
from twitchwatch.study.partitions import manifests
from twitchwatch.study.pseudonyms import read_key
from twitchwatch.study.pulling import pull
from twitchwatch.study.query import query
from twitchwatch.study.register import Wearer, enter, wearers
from twitchwatch.study.reporting import report_page, study_report
from twitchwatch.study.withdrawing import withdraw


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_commands_from_a_cohort_to_a_report(cohort, tmp_path, invoke):
    study, key = tmp_path / "study", tmp_path / "key.json"
    assert invoke("study", "init", study, "--name", "Pilot", "--key", key).code == 0
    assert key.stat().st_mode & 0o077 == 0
    for member in members(cohort)[:2]:
        outcome = invoke(
            *("study", "add", study, member.database, "--wearer", member.label, "--key", key),
            *("--consented", "2026-01-02", "--age", str(member.age), "--sex", member.sex),
        )
        assert outcome.code == 0
    first = invoke("study", "pull", study, "--key", key, "--json").lines[0]
    again = invoke("study", "pull", study, "--key", key, "--json").lines[0]
    assert first["written"] == again["unchanged"] > 0
    assert (first["unchanged"], again["written"]) == (0, 0)
    outcome = invoke(
        "study", "sql", study, "SELECT count(*) AS nights FROM nights", "--csv", tmp_path / "a.csv"
    )
    assert (tmp_path / "a.csv").read_text().split() == ["nights", str(first["written"])]
    outcome = invoke("study", "report", study, "-o", tmp_path / "report.md")
    assert outcome.code == 0
    assert "A model needs 5 wearers" in (tmp_path / "report.md").read_text()
    assert json.loads((tmp_path / "report.json").read_text())["study"] == "Pilot"


def test_every_true_twitch_is_in_the_study(pilot):
    table = query(pilot.folder, "SELECT wearer, night, twitches FROM nights").table.to_pylist()
    counted = {(row["wearer"], str(row["night"])): row["twitches"] for row in table}
    true = {
        (pilot.key.pseudonym(label), night["night"]): night["twitches"]
        for label, one in pilot.truth.items()
        for night in one["nights"]
    }
    assert counted == true


def test_nothing_in_the_study_names_a_person_or_a_sensor(pilot, cohort):
    held = everything_in(Path(pilot.folder.root))
    with Store.open_existing(members(cohort)[0].database) as store:
        hardware_id = store.devices()[0].hardware_id
    assert pilot.key.key.hex().encode() not in held
    for word in (hardware_id, pilot.key.wearers["0000"], "ring"):
        assert word.encode() not in held


def test_another_key_gives_other_pseudonyms(pilot):
    other = type(pilot.key)(pilot.key.path, "x", bytes(32))
    assert other.pseudonym("0000") != pilot.key.pseudonym("0000")
    assert pilot.key.pseudonym("0000") != pilot.key.sensor("0000")


def test_a_partition_with_a_bad_checksum_is_named_and_left_out(pilot, invoke):
    found, _ = manifests(pilot.folder)
    path = Path(pilot.folder.path(f"{found[0].place}/nights.parquet"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    before = len(found)
    outcome = invoke("study", "sql", pilot.address, "SELECT count(*) AS n FROM nights", "--json")
    assert outcome.code == 6
    assert json.loads(outcome.out) == {"n": before - 1}
    assert found[0].place in outcome.err
    assert study_report(pilot.folder).skipped.keys() == {found[0].place}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"files": {}}', b'{"files": {"a": {"x": 1}}}'])
def test_a_damaged_manifest_is_named_and_the_next_pull_mends_it(pilot, content):
    found, _ = manifests(pilot.folder)
    Path(pilot.folder.path(f"{found[0].place}/manifest.json")).write_bytes(content)
    answer = query(pilot.folder, "SELECT count(*) AS n FROM nights")
    assert answer.table.to_pylist() == [{"n": len(found) - 1}]
    assert answer.skipped.keys() == {found[0].place}
    assert pull(pilot.folder, pilot.key, NOW_US).written == 1
    assert query(pilot.folder, "SELECT 1 FROM nights").skipped == {}


def test_a_withdrawal_leaves_nothing_but_that_somebody_withdrew(pilot, invoke):
    gone = pilot.key.pseudonym("0001")
    # Of processes that were killed while they wrote.
    for place in (f"wearers/{gone}.json", f"results/sizes-1/{gone}/1.json", f"data/{gone}/x/nights.parquet"):
        pilot.folder.write(f"{place}.12.part", b"age")
    outcome = invoke(
        "study", "withdraw", pilot.address, "--wearer", "0001", "--key", pilot.key.path, "--json"
    )
    assert outcome.lines[0]["wearer"] == gone
    assert outcome.lines[0]["files"] > 5
    remains = [path for path in Path(pilot.folder.root).rglob("*") if gone in str(path) and path.is_file()]
    assert [path.name for path in remains] == [f"{gone}.json"]
    (entry,) = [one for one in wearers(pilot.folder) if one.wearer == gone]
    assert (entry.age, entry.sex, entry.site, entry.group, entry.consented) == (None, "X", "", "", "")
    assert json.loads(pilot.key.path.read_text())["wearers"].keys() == {"0000", "0002", "0003", "0004"}
    people = query(pilot.folder, "SELECT count(DISTINCT wearer) AS n FROM nights").table.to_pylist()
    assert people == [{"n": WEARERS - 1}]
    # Neither does the next pull bring them back, nor can the label be used again.
    pilot.key.wearers["0001"] = pilot.key.wearers["0000"]
    pull(pilot.folder, pilot.key, NOW_US)
    assert not pilot.folder.names(f"data/{gone}", "")
    with pytest.raises(UsageError, match="withdrawn"):
        enter(pilot.folder, Wearer(gone, "2026-02-01"))


def test_on_a_full_disk_a_withdrawal_makes_room_for_its_entry(pilot, monkeypatch):
    """There is no space for anything before the wearer's data are removed."""
    gone = pilot.key.pseudonym("0001")
    pipe_file = type(pilot.folder.fs).pipe_file

    def full(fs, path, *content, **more):
        if pilot.folder.names(f"data/{gone}", ""):
            raise OSError(errno.ENOSPC, "No space left on device")
        pipe_file(fs, path, *content, **more)

    monkeypatch.setattr(type(pilot.folder.fs), "pipe_file", full)
    assert withdraw(pilot.folder, pilot.key, "0001", date(2026, 2, 1)).files > 5
    (entry,) = [one for one in wearers(pilot.folder) if one.wearer == gone]
    assert entry.withdrawn == "2026-02-01"


def test_a_query_as_csv_has_no_formulas(pilot, invoke, tmp_path):
    invoke("study", "sql", pilot.address, "SELECT '=1+1' AS a, -2 AS b", "--csv", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().split() == ["a,b", "'=1+1,-2"]


def test_a_withdrawal_and_the_end_of_a_run_remove_the_same_files_at_once(pilot, monkeypatch):
    """Each file that this process is about to delete was deleted by another one just before."""
    gone = pilot.key.pseudonym("0001")
    rm_file = type(pilot.folder.fs).rm_file
    monkeypatch.setattr(
        type(pilot.folder.fs), "rm_file", lambda fs, path: (rm_file(fs, path), rm_file(fs, path))
    )
    withdraw(pilot.folder, pilot.key, "0001", date(2026, 2, 1))
    assert not pilot.folder.names(f"data/{gone}", "")


def test_one_database_that_cannot_be_read_stops_no_other(pilot, tmp_path):
    (tmp_path / "notes.db").write_text("these are notes and no database, but long enough for a header " * 3)
    pilot.key.wearers |= {"0000": str(tmp_path / "notes.db"), "0001": str(tmp_path / "nowhere.db")}
    shutil.rmtree(Path(pilot.folder.root) / "data")
    pulled = pull(pilot.folder, pilot.key, NOW_US)
    assert pulled.failed.keys() == {"0000", "0001"}
    assert pulled.written == sum(len(pilot.truth[label]["nights"]) for label in ("0002", "0003", "0004"))


def test_nights_in_the_future_are_left_out_and_said(pilot):
    shutil.rmtree(Path(pilot.folder.root) / "data")
    third = min(pilot.truth["0000"]["nights"][2]["night"], pilot.truth["0001"]["nights"][2]["night"])
    now_us = int(date.fromisoformat(third).strftime("%s")) * 1_000_000
    pulled = pull(pilot.folder, pilot.key, now_us)
    assert pulled.failed.keys() == set(pilot.truth)
    assert all("future" in why for why in pulled.failed.values())
    last = query(pilot.folder, "SELECT max(night) AS n FROM nights").table.to_pylist()[0]["n"]
    assert str(last) <= third


def test_two_sensors_of_one_name_stay_apart(pilot, cohort):
    """All of the cohort are called `ring`."""
    rows = query(pilot.folder, "SELECT DISTINCT wearer, sensor FROM nights").table.to_pylist()
    assert len(rows) == len({row["sensor"] for row in rows}) == WEARERS


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE nights",
        "COPY nights TO 'out.csv'",
        "SELECT 1; SELECT 2",
        "SELEC",
        "SELECT no_such FROM nights",
        "INSTALL httpfs",
    ],
)
def test_what_does_not_only_read_is_refused(pilot, sql):
    with pytest.raises(UsageError):
        query(pilot.folder, sql)


def test_the_report_names_whose_data_are_bad(pilot):
    report = study_report(pilot.folder)
    assert report.fitted is not None
    assert report.fitted.wearers == WEARERS
    assert len(report.quality) == WEARERS
    page = report_page(report)
    assert report.source in page
    assert all(row["wearer"] in page for row in report.quality)
    # The same data give the same report.
    assert report_page(study_report(pilot.folder)) == page


@pytest.mark.parametrize("content", [b"{", b"[]", b"3", b'{"wearer": 1, "more": 2}', b"\xff"])
def test_a_damaged_entry_of_the_register_is_named(pilot, invoke, content):
    name = f"wearers/{pilot.key.pseudonym('0002')}.json"
    Path(pilot.folder.path(name)).write_bytes(content)
    outcome = invoke("study", "sql", pilot.address, "SELECT 1")
    assert (outcome.code, name in outcome.err) == (3, True)


def test_a_manifest_leads_to_no_file_outside_of_its_partition(pilot):
    outside = Path(pilot.folder.root).parent / "outside.parquet"
    found, _ = manifests(pilot.folder)
    path = Path(pilot.folder.path(f"{found[0].place}/manifest.json"))
    shutil.copy(path.with_name("nights.parquet"), outside)
    content = json.loads(path.read_text())
    content["files"]["../../../../../outside.parquet"] = content["files"].pop("nights.parquet")
    path.write_text(json.dumps(content))
    read, wrong = manifests(pilot.folder)
    assert len(read) == len(found) - 1
    assert wrong.keys() == {found[0].place}


def replaced(pilot, place: str, name: str, content: bytes) -> None:
    """A file of a partition, with a checksum that fits."""
    path = Path(pilot.folder.path(f"{place}/manifest.json"))
    manifest = json.loads(path.read_text())
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    path.write_text(json.dumps(manifest))
    path.with_name(name).write_bytes(content)


def test_a_file_that_is_not_parquet_is_named_and_left_out_in_spite_of_its_checksum(pilot):
    found, _ = manifests(pilot.folder)
    replaced(pilot, found[0].place, "nights.parquet", b"no table")
    answer = query(pilot.folder, "SELECT count(*) AS n FROM nights")
    assert answer.table.to_pylist() == [{"n": len(found) - 1}]
    assert answer.skipped.keys() == study_report(pilot.folder).skipped.keys() == {found[0].place}


def test_columns_that_no_partition_has_are_empty(pilot):
    """As in a study that an older version pulled."""
    for one in manifests(pilot.folder)[0]:
        table = parquet.read_table(io.BytesIO(pilot.folder.read(f"{one.place}/nights.parquet")))
        written = io.BytesIO()
        parquet.write_table(table.drop_columns(["input_minutes_hum", "clock_error_s"]), written)
        replaced(pilot, one.place, "nights.parquet", written.getvalue())
    answer = query(pilot.folder, "SELECT DISTINCT clock_error_s, input_minutes_hum FROM nights")
    assert answer.table.to_pylist() == [{"clock_error_s": None, "input_minutes_hum": None}]
    assert study_report(pilot.folder).fitted is not None


def test_nights_of_other_columns_give_no_report_and_say_so(pilot):
    (one, *_), _ = manifests(pilot.folder)
    written = io.BytesIO()
    parquet.write_table(arrow.table({"wearer": [one.wearer], "rest_h": ["much"]}), written)
    replaced(pilot, one.place, "nights.parquet", written.getvalue())
    with pytest.raises(ConfigurationError, match="columns"):
        study_report(pilot.folder)


def test_a_withdrawal_during_a_pull_leaves_nothing(pilot, monkeypatch):
    """Withdrawn by another process while the first night is made from the database."""
    gone = pilot.key.pseudonym("0001")
    shutil.rmtree(Path(pilot.folder.root) / "data")
    made = pulling.rows_of

    def rows_of(archive, one, wearer, sensor):
        if wearer == gone:
            withdraw(pilot.folder, copy.deepcopy(pilot.key), "0001", date(2026, 2, 1))
        return made(archive, one, wearer, sensor)

    monkeypatch.setattr(pulling, "rows_of", rows_of)
    pulled = pull(pilot.folder, pilot.key, NOW_US)
    assert pulled.failed == {}
    assert not pilot.folder.names(f"data/{gone}", "")
    assert pulled.written == sum(len(one["nights"]) for label, one in pilot.truth.items() if label != "0001")


def test_a_night_that_its_wearer_erases_during_a_pull_is_not_brought(pilot, cohort, monkeypatch, invoke):
    """Erased after the list of nights was read, before its events are."""
    database = shutil.copy(cohort / "0000.db", pilot.key.path.with_name("own.db"))
    pilot.key.wearers = {"0000": str(database)}
    wearer = pilot.key.pseudonym("0000")
    nights = sorted({name.split("/")[2] for name in pilot.folder.names(f"data/{wearer}", "")})
    pilot.folder.remove(f"data/{wearer}")
    rows_of = pulling.rows_of

    def erased_before(archive, one, *pseudonyms):
        if one.night.date.isoformat() == nights[-1]:
            done = invoke("erase", "--night", nights[-1], "--yes", "--database", database)
            assert done.code in (0, 3)
        return rows_of(archive, one, *pseudonyms)

    monkeypatch.setattr(pulling, "rows_of", erased_before)
    assert pull(pilot.folder, pilot.key, NOW_US).failed == {}
    brought = {name.split("/")[2] for name in pilot.folder.names(f"data/{wearer}", "")}
    assert brought == {*nights[:-1]}


def test_words_of_the_coordinator_are_no_markup_of_the_report(pilot):
    (one, two, *_) = wearers(pilot.folder)
    for entry, group in ((one, "a|b\n# c"), (two, "[x](http://example.org) <b>")):
        enter(pilot.folder, replace(entry, group=group))
    page = report_page(study_report(pilot.folder))
    assert "\n# c" not in page
    assert "[x](" not in page
    assert "<b>" not in page
    lengths = {row.replace("\\|", "").count("|") for row in page.splitlines() if row.startswith("| W")}
    assert lengths == {11}


def test_infinite_figures_are_null_in_json(pilot, invoke):
    sql = "SELECT 'nan'::DOUBLE AS a, ['inf'::DOUBLE, 1.5] AS b, {'c': '-inf'::DOUBLE} AS d"
    outcome = invoke("study", "sql", pilot.address, sql, "--json")
    assert json.loads(outcome.out) == {"a": None, "b": [None, 1.5], "d": {"c": None}}


def test_a_query_reaches_no_partition_that_was_not_checked(pilot):
    found, _ = manifests(pilot.folder)
    Path(pilot.folder.path(f"{found[0].place}/nights.parquet")).write_bytes(b"damaged")
    with pytest.raises(UsageError):
        query(pilot.folder, "SELECT count(*) FROM query_table('nig' || 'hts')")


def test_a_study_whose_key_cannot_be_kept_does_not_begin(tmp_path, invoke):
    study, key = tmp_path / "study", tmp_path / "nowhere" / "key.json"
    assert invoke("study", "init", study, "--name", "Pilot", "--key", key).code == 3
    key.parent.mkdir()
    assert invoke("study", "init", study, "--name", "Pilot", "--key", key).code == 0


def test_a_key_keeps_its_permissions_whatever_lies_beside_it(pilot):
    beside = pilot.key.path.with_name(pilot.key.path.name + ".part")
    beside.touch(0o666)
    pilot.key.save()
    assert pilot.key.path.stat().st_mode & 0o777 == 0o600


def test_a_key_with_something_else_than_paths_is_named(pilot):
    content = json.loads(pilot.key.path.read_text())
    pilot.key.path.write_text(json.dumps({**content, "wearers": {"0000": 5}}))
    with pytest.raises(ConfigurationError, match="damaged"):
        read_key(pilot.key.path, content["study"])


def test_a_wrong_key_and_a_missing_study_are_named(pilot, tmp_path, invoke):
    (tmp_path / "other.json").write_text(json.dumps({"study": "x", "key": "00" * 32, "wearers": {}}))
    outcome = invoke("study", "pull", pilot.address, "--key", tmp_path / "other.json")
    assert (outcome.code, "another study" in outcome.err) == (3, True)
    outcome = invoke("study", "sql", tmp_path / "nowhere", "SELECT 1")
    assert (outcome.code, "study init" in outcome.err) == (3, True)
    outcome = invoke("study", "init", pilot.address, "--name", "again", "--key", tmp_path / "third.json")
    assert outcome.code == 2
    assert not (tmp_path / "third.json").exists()
