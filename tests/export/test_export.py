"""An export is complete or absent; the page describes every column; what cannot be exported says why."""

from __future__ import annotations

import csv
import filecmp
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from pyarrow import parquet

from tests.archive.worn import DAY, HOUR, Worn, us
from tests.export.published import PACKAGE, PAGE, published, renewed
from tests.views.fits import misfits
from twitchwatch.archive.nights import Archive
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import OutputError
from twitchwatch.export.edf import night_file
from twitchwatch.journal.book import write_changes
from twitchwatch.store import Store
from twitchwatch.tables import write_csv
from twitchwatch.views.exported import TABLES
from twitchwatch.views.exports import ExportView
from twitchwatch.views.shape import schema


def test_the_page_lists_every_column_and_the_package_is_published():
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "run: python -m tests.export.published"
    assert PACKAGE.read_text(encoding="utf-8") == published(), "run: python -m tests.export.published"
    assert all(f"| `{column.name}` |" in page for columns in TABLES.values() for column in columns)


def test_no_column_is_there_twice_and_each_says_what_it_means():
    for columns in TABLES.values():
        names = [column.name for column in columns]
        assert len(set(names)) == len(names)
        assert all(len(column.meaning) > 3 and not column.meaning.startswith("object") for column in columns)


@pytest.mark.parametrize("kind", ["csv", "parquet", "edf", "fhir"])
def test_the_same_nights_give_the_same_bytes(kind, exported, invoke, database, tmp_path):
    more = ("--subject", "P017") if kind in ("edf", "fhir") else ()
    first, again = exported(kind, *more), tmp_path / "again"
    outcome = invoke("export", "--json", "--format", kind, "--database", database, *more, again)
    (line,) = outcome.lines
    assert misfits(line, schema(ExportView)) == []
    names = sorted(path.name for path in first.iterdir())
    assert sorted(line["files"]) == names
    # A finding may say how long a sensor has been silent.
    lasting = [name for name in names if not name.startswith(("findings", "datapackage"))]
    assert filecmp.cmpfiles(first, again, lasting, shallow=False)[0] == lasting


def test_only_the_requested_nights(invoke, database, tmp_path):
    for number, (options, nights) in enumerate(
        [
            (("--nights", "1"), ["2025-03-05"]),
            (("--night", "2025-03-04"), ["2025-03-04"]),
            (("--until", "2025-03-05"), ["2025-03-04", "2025-03-05"]),
        ]
    ):
        folder = tmp_path / str(number)
        assert invoke("export", "--format", "csv", "--database", database, *options, folder).code == 0
        for name in ("nights", "minutes", "events", "hours"):
            rows = (folder / f"{name}.csv").read_text().splitlines()[1:]
            assert sorted({row.split(",")[2] for row in rows}) == nights


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "csv", "--night", "2024-01-01"), "no such night"),
        (("--format", "csv", "--nights", "3", "--since", "2025-03-04"), "either --nights"),
        (("--format", "edf", "--subject", "Anna Schmidt"), "letters and digits"),
        (
            (
                "--format",
                "bids",
            ),
            "add --capture",
        ),
        (
            (
                "--format",
                "excel",
            ),
            "excel",
        ),
    ],
)
def test_what_cannot_be_exported_says_why_and_leaves_nothing(options, said, invoke, database, tmp_path):
    outcome = invoke("export", *options, "--database", database, tmp_path / "out")
    assert outcome.code == 2
    assert said in outcome.err
    assert [*tmp_path.iterdir()] == []


def test_a_folder_with_something_in_it_stays_as_it_is(invoke, database, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    outcome = invoke("export", "--format", "csv", "--database", database, tmp_path)
    assert (outcome.code, [path.name for path in tmp_path.iterdir()]) == (2, ["thesis.txt"])


def test_a_folder_of_a_name_like_an_unfinished_export_stays(invoke, database, tmp_path):
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part" / "thesis.txt").write_text("years of work")
    assert invoke("export", "--format", "csv", "--database", database, tmp_path / "out").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.part"]
    assert (tmp_path / "out.part" / "thesis.txt").exists()


def test_a_link_and_a_name_that_is_too_long_are_refused(invoke, database, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    (tmp_path / "nowhere").symlink_to("not here")
    for name, code in (("link", 2), ("nowhere", 2), ("n" * 300, 3)):
        assert invoke("export", "--format", "csv", "--database", database, tmp_path / name).code == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "nowhere", "there"]


def test_the_present_folder_is_not_replaced(invoke, database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in (".", ".."):
        outcome = invoke("export", "--format", "csv", "--database", database, name)
        assert (outcome.code, "Name a new folder" in outcome.err) == (2, True)


def test_events_before_the_first_minute_change_no_other_second(database):
    with Store.open_existing(database) as store:
        archive = Archive(store, LOCAL)
        night = next(
            whole
            for one in archive.sensors()[0].rated
            if (whole := archive.whole(one.night)).events and len(whole.minutes) > 60
        )
    minutes = sorted(night.minutes, key=lambda minute: minute.start_us)
    peak = max(night.events, key=lambda event: event.peak_mg)
    late = [minute for minute in minutes if minute.start_us > peak.utc_us + 5_000_000]
    assert len(late) > 10
    (envelope, *_) = night_file(night, None).signals
    (without, *_) = night_file(replace(night, minutes=late), None).signals
    from_s = (late[0].start_us // 1_000_000) - (minutes[0].start_us // 1_000_000)
    last = envelope.data[from_s + 1 : from_s + 60 * (len(late) - 1)]
    assert without.data[1 : len(last) + 1] == pytest.approx(last, abs=1e-3)


@pytest.mark.parametrize("year", ["1971", "2090"])
def test_a_night_of_a_year_that_edf_does_not_have_is_named(year, invoke, tmp_path):
    database, bedtime = tmp_path / "t.db", us(f"{year}-03-03T22:00")
    with Store.open(database) as store:
        ring = Worn(store, bedtime, "24:0A:C4:00:00:01")
        ring.sleep(bedtime, 6, 30)
        ring.meet(bedtime + 9 * HOUR, "UTC")
    outcome = invoke("export", "--format", "edf", "--database", database, tmp_path / "out")
    assert (outcome.code, re.search(rf"a night of \w+ 3 Mar {year}:", outcome.err) is not None) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_named(invoke, database, tmp_path):
    (tmp_path / "file").write_text("")
    outcome = invoke("export", "--format", "csv", "--database", database, tmp_path / "file" / "out")
    assert outcome.code == 3
    assert "cannot be written" in outcome.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("time,x,y,z\n0,1,2,3\n", "not a file of `twitchwatch capture -o FILE`"),
        ("t_s,ax_g,ay_g,az_g\n0,0,0,1\n0.01,0,zero,1\n", "not a number"),
        ("t_s,ax_g,ay_g,az_g\n0,0,0,1\n0.01,0,,1\n", "damaged"),
        ("t_s,ax_g,ay_g,az_g\n0,0,0,1\n0,0,0,1\n", "damaged"),
        ("t_s,ax_g,ay_g,az_g\n0,0,0,1\n0.01,0,0\n", "cannot be read"),
        ("", "cannot be read"),
    ],
)
def test_a_capture_that_is_none_or_damaged_is_named(content, said, invoke, tmp_path):
    path = tmp_path / "capture.csv"
    path.write_text(content)
    outcome = invoke("export", "--format", "bids", "--capture", path, tmp_path / "out")
    assert outcome.code == 2
    assert said in outcome.err
    assert "capture.csv" in outcome.err
    assert not (tmp_path / "out").exists()


FULL = """
import resource, sys
from twitchwatch.cli.main import run
from twitchwatch.store import Store

# The database's own files were opened before.
store = Store.open_existing(__import__("pathlib").Path(sys.argv[5]))
with store.reading() as connection:
    connection.execute("SELECT count(*) FROM record").fetchone()
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    code = run(sys.argv[1:])
sys.exit(code)
"""

FORMULAS = ('=HYPERLINK("http://x")', "+1", "-2 cups", "@SUM(1)", "'quoted", "plain = text")


@pytest.fixture
def noted(tmp_path):
    """Nights of sensors called like formulas, and a journal with them."""
    path = tmp_path / "t.db"
    begin = us("2025-03-03T22:00")
    with Store.open(path) as store:
        for number, words in enumerate(FORMULAS):
            ring = Worn(store, begin, f"24:0A:C4:00:00:0{number}", name=words)
            ring.sleep(begin, 1, 3)
            ring.meet(begin + 2 * HOUR)
            write_changes(store, date(2025, 3, 3 + number), {"note": words}, begin + number * DAY)
    return path


def test_words_are_no_formulas_of_a_spreadsheet_and_can_be_restored(noted, invoke, tmp_path):
    assert invoke("export", "--format", "csv", "--database", noted, tmp_path / "csv").code == 0
    assert invoke("export", "--format", "parquet", "--database", noted, tmp_path / "parquet").code == 0
    for name, column in (("sensors", "sensor"), ("journal", "values_note")):
        with (tmp_path / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            cells = [row[column] for row in csv.DictReader(file)]
        exact = parquet.read_table(tmp_path / "parquet" / f"{name}.parquet").column(column).to_pylist()
        exact = [text for text in exact if text is not None]
        assert sorted(exact) == sorted(FORMULAS[: len(exact)])
        assert len(exact) > 1
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
        assert sorted(cell.removeprefix("'") for cell in cells if cell) == sorted(exact)


def test_numbers_below_zero_stay_numbers_in_csv(tmp_path):
    write_csv(tmp_path / "a", ["n", "text"], [{"n": -1.5, "text": "-1.5"}, {"n": None, "text": ""}])
    assert (tmp_path / "a").read_text().splitlines() == ["n,text", "-1.5,'-1.5", ","]


def test_sensors_that_differ_only_in_punctuation_have_a_file_each(invoke, tmp_path):
    path = tmp_path / "t.db"
    begin = us("2025-03-03T22:00")
    with Store.open(path) as store:
        for hardware_id, name in (("24:0A", "a b"), ("240A", "a-b"), ("2:40:A", "a:b")):
            ring = Worn(store, begin, hardware_id, name=name)
            ring.sleep(begin, 1, 3)
            ring.meet(begin + 2 * HOUR)
    assert invoke("export", "--format", "edf", "--database", path, tmp_path / "edf").code == 0
    names = sorted(file.name for file in (tmp_path / "edf").iterdir())
    assert names == [f"2025-03-03_a-b_240A{end}.edf" for end in ("+2", "+3", "")]


@pytest.mark.parametrize("kind", ["csv", "parquet", "edf", "fhir"])
def test_a_full_disk_is_named_and_leaves_nothing(kind, database, tmp_path):
    """No file may grow beyond 4 KiB."""
    ran = subprocess.run(
        [sys.executable, "-c", FULL, "export", "--format", kind, "--database", database, tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, "cannot be written" in ran.stderr) == (3, True)
    assert [*tmp_path.iterdir()] == []


def test_a_table_that_cannot_be_finished_leaves_nothing(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        write_csv(tmp_path / "a.csv", ["n"], [{"n": 1}])
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
