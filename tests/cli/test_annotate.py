"""`annotate`: figures with and without the annotations are the same over all faces."""

import shutil

import pytest

from tests.views.fits import misfits
from twitchwatch.store import Store
from twitchwatch.views.reference import VIEWS
from twitchwatch.views.shape import kinds, schema


@pytest.fixture
def own(database, tmp_path):
    path = tmp_path / "own.db"
    shutil.copy(database, path)
    return path


@pytest.fixture
def said(invoke, own):
    """A command on this database, whose answer must be well."""

    def said(*arguments):
        done = invoke(*arguments, "--database", own)
        assert (done.code, done.err) == (0, "")
        return done

    return said


def night(said):
    return said("nights", "--json", "--night", "2025-03-04").lines[0]


def events(said, kind):
    return [one for one in said("events", "--json", "--night", "2025-03-04").lines if one["kind"] == kind]


def test_an_event_that_was_no_twitch_over_all_faces(said, own):
    before = night(said)
    first, second, *_ = (one["id"] for one in events(said, "twitch"))
    made = said(
        "annotate", "events", first, second, "--as", "no-twitch", "--words", "the cat", "--json"
    ).lines
    assert [(one["what"], one["verdict"], one["events"], one["night"]) for one in made] == [
        ("verdict", "no_twitch", [first, second], "2025-03-04")
    ]
    after = night(said)
    assert after["twitches"] == before["twitches"] - 2 == len(events(said, "twitch"))
    measured = after["as_measured"]
    for key in ("twitches", "twitches_per_hour", "interval_low", "interval_high", "rest_h"):
        assert measured[key] == before[key]
    assert measured["judged_twitches"]["judged"] == 2
    assert {one["id"] for one in events(said, "no_twitch")} == {first, second}
    # For people: the list, the events, and the answer of the command itself.
    table = said("nights").out
    assert f"As measured: {before['twitches']} twitches" in table
    assert "+" in next(line for line in table.splitlines() if "4 Mar 2025" in line)
    assert "annotated by you" in said("events", "--night", "2025-03-04").out
    assert f"{after['twitches']} twitches" in said("events", "--night", "2025-03-04").out.lower()
    answer = said("annotate", "remove", str(made[0]["id"])).out
    assert "taken back" in answer
    assert f"{before['twitches']} twitches" in answer
    assert night(said) == before


def test_all_of_a_kind_in_a_stretch(said, invoke, own):
    inside = [one["id"] for one in events(said, "twitch") if "22:00" <= one["utc"][11:16] < "23:00"]
    assert inside
    # 22 to 23 h UTC.
    arguments = ("--kind", "twitch", "--from", "23:00", "--to", "00:00", "--as", "twitch")
    line = said("annotate", "events", *arguments, "--night", "2025-03-04", "--json").lines[0]
    assert line["events"] == inside
    found = said("annotate", "list", "--json").lines[-2]
    assert (found["of"], found["judged"], found["right"], found["precision"]) == (
        "twitch",
        len(inside),
        len(inside),
        1.0,
    )
    assert f"Of {len(inside)} twitches that you judged" in said("annotate", "list").out
    for wrong in (
        ("1.2", *arguments),
        ("--as", "twitch"),
        ("1.x", "--as", "twitch"),
        ("1.77777", "--as", "twitch"),
    ):
        done = invoke("annotate", "events", *wrong, "--database", own)
        assert done.code == 2
        assert done.err


def test_a_stretch_and_a_note(said, invoke, own):
    before = night(said)
    said("annotate", "leave-out", "23:00", "23:30", "--reason", "on the table", "--night", "2025-03-04")
    after = night(said)
    assert after["rest_h"] == pytest.approx(before["rest_h"] - 0.5, abs=0.02)
    assert after["as_measured"]["left_out_h"] == pytest.approx(0.5, abs=0.02)
    assert after["as_measured"]["rest_h"] == before["rest_h"]
    assert all("left" in one["kind"] for one in said("events", "--json").lines if one["utc"] == "left_out")
    assert len(events(said, "left_out")) > 0
    said("annotate", "note", "03:12", "woke up", "--night", "2025-03-04")
    said("annotate", "note", "03:12", "--to", "03:20", "--night", "2025-03-04")
    listed = said("annotate", "list").out
    assert all(
        words in listed
        for words in ("left out (on the table)", "note (woke up)", "bookmark", "03:12:00 to 03:20:00")
    )
    assert night(said) == after
    assert said("annotate", "list", "--night", "2025-03-05").out.startswith("No annotations.")
    for wrong in (
        ("leave-out", "23:30", "23:00"),
        ("note", "3am"),
        ("remove", "99"),
        ("note", "03:12", "--night", "2020-01-01"),
    ):
        assert invoke("annotate", *wrong, "--database", own).code == 2


def test_what_is_printed_fits_the_schema(said):
    said("annotate", "events", events(said, "twitch")[0]["id"], "--as", "no-twitch")
    (bout,) = (one["id"] for one in said("events", "--json").lines if one["kind"] == "tremor")
    said("annotate", "events", bout, "--as", "no-tremor")
    for command in ("events", "nights"):
        schemas = {kind: schema(view) for view in VIEWS[command] for kind in kinds(view)}
        lines = said(command, "--json").lines
        assert lines
        assert [wrong for line in lines for wrong in misfits(line, schemas[line["kind"]])] == []
    schemas = {kind: schema(view) for view in VIEWS["annotate"] for kind in kinds(view)}
    lines = said("annotate", "list", "--json").lines
    assert {line["kind"] for line in lines} == {"annotation", "precision"}
    assert [wrong for line in lines for wrong in misfits(line, schemas[line["kind"]])] == []
    with_it = said("events").out
    assert "not tremor, by your annotation" in with_it


def test_two_sensors_must_be_named(invoke, said, own):
    with Store.open(own) as store:
        store.register("bb", 3, "other", 0)
    # One without nights is no question.
    said("annotate", "note", "03:12")
