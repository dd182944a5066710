"""A month in a minute: marked, removable, and enough for trend, triggers and report to show something."""

import json
import re
import shutil
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from tests.cli.conftest import invoke  # noqa: F401
from twitchwatch.archive.demo_data import remove_demo
from twitchwatch.archive.nights import sensors_of
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.journal import tonight
from twitchwatch.sim.month import wear_month
from twitchwatch.store import DEMO_HARDWARE_ID, Store
from twitchwatch.wording.units import MODELLED

LAST = datetime(2025, 3, 20, 23, tzinfo=UTC)
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = tmp_path_factory.mktemp("month") / "demo.db"
    with Store.open(path) as store:
        month = wear_month(store, LAST, 16, 3, rising=True, journal=True)
        assert month.nights == 14
        assert month.records > 14 * 400
    return path


def test_every_night_is_demo_data_and_rises(database):
    with Store.open_existing(database) as store:
        (sensor,) = sensors_of(store, LOCAL)
    assert sensor.device.demo
    rates = [one.rate.per_hour for one in sensor.rated]
    assert len(rates) == 14
    assert sum(rates[-6:]) / 6 > 1.5 * sum(rates[:6]) / 6
    dates = [night.date for night in sensor.nights]
    assert (dates[-1] - dates[0]).days == 15


def test_trend_triggers_and_report_have_something_to_show(invoke, database, tmp_path):  # noqa: F811
    found = {line["finding"] for line in invoke("flags", "--json", "--database", database).lines}
    assert "tremor" in found
    factors = [line["factor"] for line in invoke("triggers", "--json", "--database", database).lines]
    assert "caffeine_mg" in factors
    page = tmp_path / "page.html"
    assert invoke("report", "--html", page, "--database", database).code == 0
    twin = json.loads(page.with_suffix(".json").read_text())
    assert twin["coverage"]["nights_with_data"] == 14
    assert any(night["caffeine_mg"] for night in twin["nights"])
    assert [(one["symptom"], one["nights"]) for one in twin["symptoms"]] == [("numbness", 2)]
    assert "You noted numbness" in twin["findings"]
    # The two nights without the ring are a gap in each view, and nothing is missing after the month.
    gap = [("2025-03-10", "2025-03-11")]
    assert [(one["first_night"], one["last_night"]) for one in twin["missing"]] == gap
    lines = invoke("nights", "--json", "--database", database).lines
    missing = [line for line in lines if line["kind"] == "missing_nights"]
    assert [(line["night"], line["last_night"]) for line in missing] == gap
    # Each night is a log of its own, and numbers its records from 0: the waveform is that of its night.
    for form in twin["waveforms"]:
        swing = max(
            sum(value**2 for value in sample) ** 0.5
            for sample in zip(form["x_mg"], form["y_mg"], form["z_mg"], strict=True)
        )
        assert swing == pytest.approx(form["peak_mg"], rel=0.35)


def test_the_digest_of_a_demo_is_marked_and_never_sent(invoke, database, monkeypatch):  # noqa: F811
    monkeypatch.setattr(tonight, "time", SimpleNamespace(time=LAST.timestamp))
    said = invoke("alerts", "digest", "--database", database).out
    assert "6 of 7 nights have data." in said or "7 of 7 nights have data." in said
    assert "findings are new: see `twitchwatch flags`." in said
    assert MODELLED in said
    assert "Not sent: alerts and the digest are only about a sensor that you wear." in said


def test_a_made_up_symptom_is_the_demos_and_goes_with_it(invoke, database, tmp_path):  # noqa: F811
    path = tmp_path / "t.db"
    shutil.copy(database, path)
    kinds = {line["finding"]: line for line in invoke("flags", "--json", "--database", path).lines}
    assert kinds["symptom_numbness"]["hardware_id"] == DEMO_HARDWARE_ID
    assert re.search(r"You noted numbness: .*, demo\n", invoke("flags", "--database", path).out)
    listed = invoke("journal", "list", "--database", path).out
    assert listed.count("modelled: by the demo") == 16
    with Store.open(path) as store:
        store.journal.note("2025-03-20", json.dumps({"stress": 2.0, "symptoms": ["speech"]}), 1)
    assert invoke("demo", "--remove", "--database", path).code == 0
    left = invoke("journal", "list", "--json", "--database", path).lines
    assert [line["night"] for line in left] == ["2025-03-20"]
    found = invoke("flags", "--json", "--database", path).lines
    assert [(line["finding"], line["sensor"]) for line in found] == [("symptom_speech", "journal")]


def test_a_made_up_journal_stays_out_of_a_wearers_database(tmp_path):
    with Store.open(tmp_path / "t.db") as store:
        store.register("aa", 1, "ring", 0)
        with pytest.raises(UsageError, match="--database"):
            wear_month(store, LAST, 2, 0, rising=False, journal=True)
        wear_month(store, LAST, 2, 0, rising=False, journal=False)
        assert store.journal.all() == []
        assert remove_demo(store).nights == 2
        assert [device.name for device in store.devices()] == ["ring"]


def test_options_of_a_month_need_several_nights(invoke):  # noqa: F811
    outcome = invoke("demo", "--rising")
    assert outcome.code == 2
    assert "--nights 30" in outcome.err


def test_a_demo_ends_with_the_way_to_its_dashboard(invoke, tmp_path):  # noqa: F811
    """Without a terminal nobody could end a server, so --open only names the command."""
    path = tmp_path / "demo.db"
    kept = invoke("demo", "--hours", "0.02", "--open", "--database", path)
    assert kept.code == 0
    assert kept.out.splitlines()[-1].startswith("See this night in your browser, at http://127.0.0.1:8477: `")
    assert f"dashboard --open --database {path}`" in kept.out
    assert "demo --open`" in invoke("demo", "--hours", "0.02").out.splitlines()[-1]


@pytest.mark.parametrize(
    "asked",
    [
        *("morning", "nights", "sensors", "status", "triggers", "flags", "flags --all", "flags show 1"),
        *("flags show 1 --details", "events --night 2025-03-20", "journal list", "alerts digest"),
        *("nights --night 2025-01-01", "annotate list --night 2025-03-20"),
    ],
)
def test_people_read_dates_in_one_form(invoke, database, asked):  # noqa: F811
    name, *options = asked.split()
    outcome = invoke(name, *options, "--database", database)
    assert outcome.out
    assert not ISO_DATE.search(outcome.out)
