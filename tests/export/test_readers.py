"""Other people's programs read every export, and read what the program itself reports."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import mne
import numpy as np
import polars
import pyedflib
import pytest
from fhir.resources.R4B.bundle import Bundle

from twitchwatch.store import IMPORTED, Store

NIGHT = "2025-03-05"


def read(path: Path) -> polars.DataFrame:
    return polars.read_parquet(path) if path.suffix == ".parquet" else polars.read_csv(path)


def nights(invoke, database) -> list[dict]:
    lines = invoke("nights", "--json", "--database", database).lines
    return [line for line in lines if line["kind"] == "night"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_duckdb_and_polars_read_the_nights_that_the_program_lists(exported, invoke, database, kind):
    listed = nights(invoke, database)
    path = exported(kind) / f"nights.{kind}"
    rows = duckdb.sql(f"SELECT * FROM '{path}' ORDER BY start_utc").pl()
    assert rows.rows() == read(path).sort("start_utc").rows() or kind == "csv"
    assert [str(night) for night in rows["night"]] == [line["night"] for line in listed]
    for name in (
        "twitches",
        "twitches_per_hour",
        "interval_low",
        "interval_high",
        "rest_h",
        "noise_mg",
        "jerks",
    ):
        assert rows[name].to_list() == [line[name] for line in listed], name
    starts = [when.replace(tzinfo=when.tzinfo or UTC) for when in rows["start_utc"]]
    assert starts == [datetime.fromisoformat(line["start_utc"]) for line in listed]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_events_are_all_there_with_their_figures(exported, invoke, database, kind):
    listed = [
        line
        for night in ("2025-03-04", NIGHT)
        for line in invoke("events", "--json", "--night", night, "--database", database).lines
        if line["kind"] != "missing_nights"
    ]
    path = exported(kind) / f"events.{kind}"
    names = ("kind", "peak_mg", "duration_s", "frequency_hz", "seq")
    rows = duckdb.sql(f"SELECT {', '.join(names)} FROM '{path}'").fetchall()
    told = [
        tuple(line.get(name) for name in ("kind", "peak_mg", "duration_s", "frequency_hz", "seq"))
        for line in listed
    ]
    assert sorted(rows, key=repr) == sorted(told, key=repr)
    assert len(rows) > 40


def test_minutes_and_hours_add_up_to_the_nights(exported):
    folder = exported("parquet")
    sums = duckdb.sql(
        f"""
        SELECT n.rest_h, n.twitches,
          (SELECT sum(live_s) / 3600 FROM '{folder}/minutes.parquet' m WHERE m.night = n.night),
          (SELECT sum(twitches) FROM '{folder}/hours.parquet' h WHERE h.night = n.night)
        FROM '{folder}/nights.parquet' n
        """
    ).fetchall()
    assert len(sums) == 2
    for rest_h, twitches, live_h, hourly in sums:
        assert live_h == pytest.approx(rest_h, abs=0.001)
        assert hourly == twitches


def test_the_package_describes_each_file_as_it_is(exported):
    folder = exported("csv")
    package = json.loads((folder / "datapackage.json").read_text())
    paths = {resource["path"] for resource in package["resources"]}
    assert paths == {path.name for path in folder.iterdir()} - {"datapackage.json"}
    for resource in package["resources"]:
        header = (folder / resource["path"]).read_text().partition("\n")[0].strip()
        assert header.split(",") == [one["name"] for one in resource["schema"]["fields"]]
        assert all(one["description"] for one in resource["schema"]["fields"])


def test_pyedflib_and_mne_read_a_night_with_its_events(exported, invoke, database):
    (path,) = exported("edf", "--subject", "P017").glob(f"{NIGHT}_*.edf")
    listed = invoke("events", "--json", "--night", NIGHT, "--database", database).lines
    with pyedflib.EdfReader(str(path)) as reader:
        labels = reader.getSignalLabels()
        signals = {label: reader.readSignal(at) for at, label in enumerate(labels)}
        onsets, durations, texts = reader.readAnnotations()
        start = reader.getStartdatetime()
        assert reader.getPatientCode() == "P017"
        # Berlin in winter.
        assert reader.recording_additional.decode().startswith("UTC+01:00 24-0A-C4-00-00-01")
    assert labels[:2] == ["Envelope", "Noise"]
    assert start.microsecond == 0
    begin = start.replace(tzinfo=UTC).timestamp() - 3600
    for line in listed:
        if line["kind"] in ("twitch", "tremor"):
            onset = datetime.fromisoformat(line["utc"]).timestamp() - begin
            own = [at for at, text in enumerate(texts) if text.startswith(line["kind"])]
            at = min(own, key=lambda at: abs(onsets[at] - onset))
            assert abs(onsets[at] - onset) < 0.01
            assert durations[at] == pytest.approx(line["duration_s"], abs=0.001)
    peaks = [line["peak_mg"] / 1000 for line in listed if line["kind"] == "movement"]
    assert signals["Envelope"].max() == pytest.approx(max(peaks), abs=1e-3)
    assert np.median(signals["Noise"]) == pytest.approx(0.0007, abs=1e-5)
    raw = mne.io.read_raw_edf(path, verbose="error")
    assert raw.ch_names == labels
    assert sorted(raw.annotations.description) == sorted(texts)
    assert raw.annotations.onset == pytest.approx(onsets, abs=0.001)


def test_a_gap_is_outside_every_range_and_annotated(exported):
    (path,) = exported("edf", "--subject", "P017").glob("2025-03-04_*.edf")
    raw = mne.io.read_raw_edf(path, verbose="error")
    envelope = raw.get_data(["Envelope"])[0]
    minutes = 180
    assert np.count_nonzero(envelope >= 0) == pytest.approx(60 * minutes, abs=2)
    assert not np.any((envelope < 0) & (envelope > -0.99))


def test_fhir_resources_accept_the_bundle_and_its_figures_are_the_nights(exported, invoke, database):
    folder = exported("fhir", "--subject", "P017")
    bundle = Bundle.model_validate_json((folder / "bundle.json").read_text())
    resources = [entry.resource for entry in bundle.entry]
    kinds = [one.get_resource_type() for one in resources]
    assert kinds.count("Device") == 2
    assert kinds.count("Patient") == 1
    full = {entry.fullUrl for entry in bundle.entry}
    observations = [one for one in resources if one.get_resource_type() == "Observation"]
    for one in observations:
        assert {one.subject.reference, one.device.reference} <= full
        assert one.note[0].text.endswith("Not a diagnosis.")
    rates = {
        str(one.effectivePeriod.start)[:10]: float(one.valueQuantity.value)
        for one in observations
        if one.code.coding[0].code == "twitches-per-hour"
    }
    listed = nights(invoke, database)
    assert rates == {line["start_utc"][:10]: line["twitches_per_hour"] for line in listed}
    (bout,) = [one for one in observations if one.code.coding[0].code == "tremor-bout"]
    assert (float(bout.valueQuantity.value), bout.valueQuantity.unit) == (4.6, "Hz")
    assert len({one.id for one in resources}) == len(resources)


@pytest.fixture
def noted(invoke, database, tmp_path):
    """The same nights, with what the wearer noted about themselves."""
    path = tmp_path / "noted.db"
    shutil.copy(database, path)
    add = ("journal", "add", "--birth-year", "1930", "--sex", "female", "--night", "2025-03-04")
    assert invoke(*add, "--database", path).code == 0
    return path


def test_fhir_has_the_wearer_only_with_nights_of_a_sensor_that_is_worn(invoke, noted, tmp_path):
    for name, options in (("a", ()), ("b", ("--subject", "P017"))):
        folder = tmp_path / name
        assert invoke("export", "--format", "fhir", *options, "--database", noted, folder).code == 0
        bundle = Bundle.model_validate_json((folder / "bundle.json").read_text())
        (patient,) = (one.resource for one in bundle.entry if one.resource.get_resource_type() == "Patient")
        assert (patient.gender, str(patient.birthDate)) == ("female", "1930")
        assert bool(patient.identifier) == bool(options)
    with Store.open(noted) as store:
        store.write(lambda sql: sql.execute("UPDATE device SET hardware_id = ?", (f"{IMPORTED}anna",)))
    folder = tmp_path / "c"
    assert invoke("export", "--format", "fhir", "--database", noted, folder).code == 0
    assert "birthDate" not in (folder / "bundle.json").read_text()


def test_bids_has_the_wearer_and_the_validator_finds_no_error(invoke, noted, capture, tmp_path):
    folder = tmp_path / "out"
    assert invoke("export", "--format", "bids", "--capture", capture, "--database", noted, folder).code == 0
    # Nobody is older than 89 in BIDS.
    rows = (folder / "participants.tsv").read_text().splitlines()
    assert [row.split("\t") for row in rows] == [["participant_id", "age", "sex"], ["sub-01", "89", "female"]]
    validator = Path(sys.executable).with_name("bids-validator-deno")
    done = subprocess.run([validator, "--json", folder], capture_output=True, check=False)
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [one for one in issues if one["severity"] == "error"] == []
    assert not any("participants" in str(one.get("location")) for one in issues)


def test_tables_and_edf_do_not_have_the_wearer(invoke, noted, tmp_path):
    for kind in ("csv", "edf"):
        folder = tmp_path / kind
        assert invoke("export", "--format", kind, "--database", noted, folder).code == 0
        for path in folder.iterdir():
            assert b"female" not in path.read_bytes()
            assert b"birth_year" not in path.read_bytes()


def test_the_bids_validator_finds_no_error(exported, capture):
    folder = exported("bids", "--capture", capture)
    validator = Path(sys.executable).with_name("bids-validator-deno")
    done = subprocess.run([validator, "--json", folder], capture_output=True, check=False)
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [one for one in issues if one["severity"] == "error"] == []
    assert done.returncode == 0


def test_a_capture_in_bids_is_the_capture_in_units_of_the_si(exported, capture):
    folder = exported("bids", "--capture", capture)
    (path,) = folder.rglob("*_motion.tsv")
    described = json.loads(path.with_suffix(".json").read_text())
    (channels,) = folder.rglob("*_channels.tsv")
    names = polars.read_csv(channels, separator="\t")["name"].to_list()
    rows = polars.read_csv(path, separator="\t", has_header=False, new_columns=names)
    taken = polars.read_csv(capture)
    assert described["MotionChannelCount"] == len(names) == 7
    assert described["SamplingFrequency"] == pytest.approx(104, abs=0.01)
    assert (rows["acc_z"] / 9.80665).to_numpy() == pytest.approx(taken["az_g"].to_numpy(), abs=2e-6)
    assert np.degrees(rows["gyro_x"].to_numpy()) == pytest.approx(taken["gx_dps"].to_numpy(), abs=1e-4)
    assert rows["latency"].diff().max() > 0.5
