"""The figures of one night are the same wherever they are shown."""

import json
import shutil
from pathlib import Path

import pytest

import twitchwatch
from tests.archive.worn import HOUR, Worn, us
from tests.views.fits import misfits
from twitchwatch.analysis.rates import night_rate
from twitchwatch.archive.keeping import keep
from twitchwatch.archive.nights import sensors_of
from twitchwatch.archive.selection import EVERY_NIGHT, chosen_nights
from twitchwatch.clock.zone import LOCAL
from twitchwatch.store import Store
from twitchwatch.terminal.night_page import show_night
from twitchwatch.terminal.page import Page
from twitchwatch.views.reference import VIEWS
from twitchwatch.views.shape import kinds, schema


@pytest.fixture
def second(invoke, database):
    """What `nights --json` reports for the second night: its interval depends on the first one, too."""
    found = invoke("nights", "--json", "--database", database).lines[1]
    assert found["night"] == "2025-03-05"
    return found


def test_the_interval_rests_on_the_nights_before(invoke, database, second):
    with Store.open_existing(database) as store:
        night = chosen_nights(sensors_of(store, LOCAL), EVERY_NIGHT)[1].night
    # Else the test below could not fail.
    assert round(night_rate(night).interval_high, 4) != second["interval_high"]


def test_list_page_and_what_is_kept_agree(invoke, database, second, capsys, tmp_path):
    interval = f"{second['interval_low']:.1f}", f"{second['interval_high']:.1f}"
    row = next(
        line
        for line in invoke("nights", "--database", database).out.splitlines()
        if "5 Mar 2025" in line and "-".join(interval) in line
    )
    assert f"{second['twitches_per_hour']:.1f}" in row
    with Store.open_existing(database) as store:
        sensors = sensors_of(store, LOCAL)
        show_night(Page(), chosen_nights(sensors, EVERY_NIGHT)[1], [])
    page = capsys.readouterr().out
    assert f"{second['twitches_per_hour']:.1f} an hour" in page
    assert f"(95 % interval {interval[0]} to {interval[1]})" in page
    alone = invoke("nights", "--json", "--night", second["night"], "--database", database).lines
    assert alone == [second]
    kept_path = tmp_path / "kept.db"
    shutil.copy(database, kept_path)
    with Store.open_existing(kept_path) as store:
        keep(store, LOCAL, 0)
        assert json.loads(store.summaries.views()[1]) == second
    # From the summaries, which it now is, it is still the same.
    assert invoke("nights", "--json", "--database", kept_path).lines[1] == second


def test_events_count_what_the_night_counts(invoke, database, second):
    arguments = ("events", "--night", second["night"], "--database", database)
    lines = invoke(*arguments, "--json").lines
    assert sum(line["kind"] == "twitch" for line in lines) == second["twitches"]
    assert sum(line["kind"] == "tremor" for line in lines) == len(second["tremor"])
    words = f"{second['twitches']} twitches in {second['rest_h']:.1f} h of rest"
    assert words.capitalize() in invoke(*arguments).out


def test_flags_rest_on_the_bouts_of_the_night(invoke, database, second):
    flags = invoke("flags", "--all", "--json", "--database", database).lines
    tremor = next(flag for flag in flags if flag["finding"] == "tremor")
    assert tremor["night"] == second["night"]
    assert tremor["records"] == [bout["seq"] for bout in second["tremor"]]


@pytest.mark.parametrize("command", ["nights", "events", "flags", "status", "sensors"])
def test_what_is_printed_fits_the_schema(invoke, database, command):
    schemas = {kind: schema(view) for view in VIEWS[command] for kind in kinds(view)}
    lines = invoke(command, "--json", "--database", database).lines
    assert lines
    assert [wrong for line in lines for wrong in misfits(line, schemas[line["kind"]])] == []


def test_only_the_archive_works_out_the_rate_of_a_night():
    house = Path(twitchwatch.__file__).parent
    users = {
        path.relative_to(house).parts[0] for path in house.rglob("*.py") if "night_rate" in path.read_text()
    }
    assert users == {"analysis", "archive"}


def test_a_demo_prints_what_the_archive_holds_of_its_night(invoke, tmp_path):
    path = tmp_path / "demo.db"
    *events, night = [
        line
        for line in invoke("demo", "--hours", "0.3", "--json", "--database", path).lines
        if line["kind"] != "finding"
    ]
    assert invoke("nights", "--json", "--database", path).lines == [night]
    listed = invoke("events", "--json", "--database", path).lines
    assert events
    assert [{**event, "sensor": "demo", "night": night["night"]} for event in events] == listed
    assert night["twitches"] == sum(event["kind"] == "twitch" for event in events)
    assert night["rate_per_h"]["low"] == night["twitches_per_hour"] <= night["rate_per_h"]["high"]
    assert night["bursts"]["disturbance"] > 0
    widths = [event["half_duration_s"] for event in events if event["kind"] == "twitch"]
    assert all(width is None or 0.01 < width < 0.3 for width in widths)
    assert sum(width is not None for width in widths) > 0.5 * len(widths)
    assert 0 < night["blind_h"] < 0.2 * night["rest_h"]
    assert invoke("demo", "--remove", "--database", path).out.startswith(
        f"Removed from {path}: 1 simulated night"
    )
    assert "no demo data" in invoke("demo", "--remove", "--database", path).out
    assert invoke("nights", "--json", "--database", path).lines == []


def test_a_night_is_printed_by_the_clock_of_the_place_where_it_was_worn(invoke, tmp_path):
    path = tmp_path / "tokyo.db"
    bedtime = us("2025-03-04T23:00", "Asia/Tokyo")
    with Store.open(path) as store:
        ring = Worn(store, bedtime)
        ring.sleep(bedtime, 2, 4)
        ring.meet(bedtime + 3 * HOUR, "Asia/Tokyo")
    page = invoke("events", "--database", path).out
    assert "Tue 4 Mar 2025" in page
    assert [line[:5] for line in page.splitlines() if " twitch " in line] == [
        "23:15",
        "23:45",
        "00:15",
        "00:45",
    ]
