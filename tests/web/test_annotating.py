"""Annotations by the forms of a night: the same figures as on the command line, with and without."""

import json
import re
import shutil

import pytest

from tests.cli.conftest import invoke  # noqa: F401
from tests.views.fits import misfits
from tests.web.conftest import HARDWARE_ID, served
from twitchwatch.views.shape import schema
from twitchwatch.views.strip import StripView

NIGHT = f"/nights/{HARDWARE_ID}/2025-03-03"
ACTION = f"{NIGHT}/annotations"


@pytest.fixture
def database(nights, tmp_path):
    return shutil.copy(nights, tmp_path / "t.db")


@pytest.fixture
def own(database):
    yield from served(database)


@pytest.fixture
def said(invoke, database):  # noqa: F811
    return lambda: invoke("nights", "--json", "--night", "2025-03-03", "--database", database).lines[0]


def strip(own):
    found = json.loads(own.ask(f"{NIGHT}/strip.json").body)
    assert misfits(found, schema(StripView)) == []
    return found


def test_picked_events_no_longer_count_and_come_back(own, said):
    before, page = said(), own.ask(NIGHT).text
    picked = [one["id"] for one in strip(own)["events"] if one["kind"] == "twitch"][:3]
    body = "&".join(f"event={one}" for one in picked)
    answer = own.post(ACTION, f"what=verdict&verdict=no_twitch&{body}")
    assert (answer.status, answer.headers["location"]) == (303, f"{NIGHT}#figures")
    after = said()
    assert after["twitches"] == before["twitches"] - 3
    assert after["as_measured"]["twitches_per_hour"] == before["twitches_per_hour"]
    changed = own.ask(NIGHT).text
    assert f"{after['twitches']} twitches in" in changed
    assert f"{after['twitches_per_hour']:.1f} (95 % interval" in changed
    assert f"{before['twitches_per_hour']:.1f} (95 % interval" in changed
    assert "Of 3 twitches that you judged, 0 were right" in changed
    assert changed.count("not a twitch, by your annotation") == 2 * 3
    assert f"{after['twitches_per_hour']:.1f} twitches an hour" in own.ask("/trend").text
    assert sum(one["kind"] == "twitch" for one in strip(own)["events"]) == after["twitches"]
    (number,) = re.findall(rf"{re.escape(ACTION)}/(\d+)/remove", changed)
    assert own.post(f"{ACTION}/{number}/remove", "").status == 303
    assert said() == before
    # What was taken back stays in the list, and nothing else differs.
    without = own.ask(NIGHT).text
    assert "taken back" in without
    assert without.split("<h2>Hour by hour")[1] == page.split("<h2>Hour by hour")[1]
    assert own.post(f"{ACTION}/{number}/remove", "").status == 422


def test_a_stretch_is_left_out_and_a_moment_noted(own, said):
    before = said()
    answer = own.post(ACTION, "what=left_out&from=23:00&to=23:30&words=on+the+%3Ctable%3E")
    assert answer.status == 303
    found = strip(own)
    (left,) = found["left_out"]
    assert left["duration_s"] == 1800
    assert said()["rest_h"] == pytest.approx(before["rest_h"] - 0.5)
    inside = [one for one in found["events"] if left["at_s"] <= one["at_s"] < left["at_s"] + 1800]
    assert inside
    assert {one["kind"] for one in inside} == {"left_out"}
    assert (
        own.post(ACTION, "what=note&from=02:10&to=&words=woke+up")
        .headers["location"]
        .endswith("#annotations")
    )
    (note,) = strip(own)["notes"]
    assert (note["words"], note["duration_s"]) == ("woke up", 0)
    page = own.ask(NIGHT).text
    assert "left out (on the &lt;table&gt;)" in page
    assert "30.0 min are left out" in page
    assert f'href="#from-{note["at_s"]:.0f}-0"' in page


def test_all_of_a_kind_and_the_event_under_the_cursor(own, said):
    answer = own.post(ACTION, "what=verdict&kind=twitch&from=22:00&to=23:00&verdict=twitch&words=")
    assert answer.status == 303
    judged = said()["as_measured"]["judged_twitches"]
    assert judged["judged"] == judged["right"] > 0
    event = strip(own)["events"][5]["id"]
    answer = own.post(ACTION, f"what=verdict&event={event}&here=1&verdict=no_twitch")
    assert answer.headers["location"].endswith(f"#at-{event}")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("what=verdict&verdict=no_twitch", "nothing was annotated"),
        ("what=verdict&verdict=no_twitch&event=1.99999", "There is no event 1.99999"),
        ("what=verdict&verdict=no_twitch&event=%3Cb%3E", "is not the number of an event"),
        ("what=verdict&verdict=rubbish&kind=twitch", "cannot be annotated as rubbish"),
        ("what=left_out&from=03:00&to=02:00&words=table", "must end after it begins"),
        ("what=left_out&from=03:00", "from when to when"),
        ("what=note&from=3am", "is not a time"),
        ("what=", "is not a time"),
        ("", "is not a time"),
    ],
)
def test_nonsense_is_named_and_stays_in_the_form(dashboard, body, words):
    answer = dashboard.post(ACTION, body)
    assert (answer.status, words in answer.text) == (422, True)
    assert "<b>" not in answer.text
    if "words=table" in body:
        assert 'value="table"' in answer.text
    assert "None. They change the figures" in dashboard.ask(NIGHT).text


def test_other_pages_and_too_much_are_refused(dashboard):
    for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
        for path in (ACTION, f"{ACTION}/1/remove"):
            answer = dashboard.ask(path, method="POST", headers=headers, body=b"what=note&from=02:10")
            assert answer.status == 403
    assert dashboard.ask(ACTION).status == 405
    assert dashboard.post(ACTION, "words=" + "x" * 70_000).status == 413
    assert dashboard.post(ACTION, "&".join("a=1" for _ in range(6000))).status == 400
    assert (
        dashboard.post(f"/nights/{HARDWARE_ID}/2025-03-05/annotations", "what=note&from=02:10").status == 404
    )
    assert dashboard.post("/nights/nobody/2025-03-03/annotations", "what=note&from=02:10").status == 404
