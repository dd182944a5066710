"""An export is complete or absent; the page describes every column; what cannot be exported says why."""

from __future__ import annotations

import filecmp
import re
from dataclasses import replace

import pytest

from tests.archive.worn import HOUR, Worn, us
from tests.export.published import PACKAGE, PAGE, published, renewed
from tests.views.fits import misfits
from twitchwatch.archive.nights import Archive
from twitchwatch.clock.zone import LOCAL
from twitchwatch.export.edf import night_file
from twitchwatch.store import Store
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
