"""The journal and what is built on it, typed as a user would."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.reference import SHAPES
from twitchwatch.errors import Exit
from twitchwatch.journal import tonight

# 20:00 in Berlin.
EVENING = datetime(2026, 3, 4, 19, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """Sets the time of day."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(tonight.time, "time", lambda: moment.timestamp())

    set_to(EVENING)
    return set_to


@pytest.fixture
def journal(invoke, tmp_path: Path, clock):
    file = tmp_path / "twitchwatch.db"

    def call(*arguments: str, command: str = "journal"):
        return invoke(command, *arguments, "--database", file)

    return call


def test_an_evening_is_noted_corrected_and_sealed(journal, clock) -> None:
    assert journal("add", "--caffeine", "2 coffee", "--stress", "3").code == 0
    assert journal("edit", "--stress", "2", "--clear", "caffeine").code == 0
    clock(EVENING + timedelta(hours=12))
    late = journal("add", "--stress", "9", "--note", "bad night")
    assert "does not count" in late.out
    (entry,) = journal("list", "--json").lines
    assert list(entry)[1:] == list(SHAPES["journal"]["journal"])
    assert entry["night"] == "2026-03-04"
    assert entry["sealed"] is True
    assert entry["values"] == {"stress": 2.0}
    assert entry["later"] == {"stress": 9.0, "note": "bad night"}
    told = journal("list").out
    assert "stress 2" in told
    assert "Later: stress 9, note: bad night" in told


def test_a_symptom_is_a_red_flag_at_once_and_without_any_record(journal) -> None:
    told = journal("add", "--symptoms", "swallowing")
    assert "twitchwatch flags" in told.out
    flags = journal("--json", command="flags").lines
    assert [(flag["finding"], flag["urgency"]) for flag in flags] == [("symptom_swallowing", "at_once")]
    assert "swallowing" in journal(command="flags").out


def test_wrong_amounts_name_what_is_right(journal) -> None:
    outcome = journal("add", "--caffeine", "2 beer")
    assert (outcome.code, outcome.out) == (Exit.USAGE, "")
    assert "coffee" in outcome.err
    assert journal("list").out.startswith("Nothing is noted") or journal("list").code == Exit.CONFIGURATION


def test_the_future_cannot_be_noted(journal) -> None:
    outcome = journal("add", "--stress", "1", "--night", "2026-03-05")
    assert outcome.code == Exit.USAGE
    assert "has not come yet" in outcome.err


def test_only_what_is_there_can_be_edited(journal) -> None:
    outcome = journal("edit", "--stress", "1")
    assert outcome.code == Exit.USAGE
    assert "journal add" in outcome.err


def test_without_fields_and_terminal_it_says_what_to_write(journal) -> None:
    outcome = journal("add")
    assert outcome.code == Exit.USAGE
    assert "--caffeine" in outcome.err


def test_triggers_before_there_is_anything(journal) -> None:
    journal("add", "--stress", "1")
    assert "after three weeks" in journal(command="triggers").out


def test_triggers_of_journal_and_nights(invoke, database, tmp_path, clock) -> None:
    """Two nights are too few, and it says so for each factor."""
    own = shutil.copy(database, tmp_path / "own.db")
    nights = [line["night"] for line in invoke("nights", "--json", "--database", own).lines]
    clock(datetime.combine(date.fromisoformat(nights[0]), EVENING.timetz()))
    assert invoke("journal", "add", "--stress", "1", "--database", own).code == 0
    (told,) = invoke("triggers", "--json", "--database", own).lines
    assert list(told)[1:] == list(SHAPES["triggers"]["trigger"])
    assert (told["factor"], told["answer"], told["nights"]) == ("stress", "cannot_say", 1)
    assert "21 are needed" in invoke("triggers", "--database", own).out


def test_a_plan_from_start_to_end(journal, clock) -> None:
    assert journal("start", "four-weeks", command="plan").code == 0
    (told,) = journal("show", "--json", command="plan").lines
    assert list(told)[1:] == list(SHAPES["plan"]["plan"])
    assert (told["phase"], told["day"]) == ("watch", 1)
    clock(EVENING + timedelta(days=8))
    assert "optimise, day 2 of 7" in journal("show", command="plan").out
    assert journal("start", "two-weeks", command="plan").code == Exit.USAGE
    assert journal("stop", command="plan").code == 0
    assert "ended" in journal("show", command="plan").out


def test_an_experiment_says_each_evening_what_the_lot_wants(journal, clock) -> None:
    begun = journal("start", "late-caffeine", "--seed", "3", command="experiment")
    assert begun.code == 0
    wanted = []
    for day in range(28):
        clock(EVENING + timedelta(days=day))
        (told,) = journal("show", "--json", command="experiment").lines
        assert list(told)[1:] == list(SHAPES["experiment"]["experiment"])
        wanted.append(told["tonight"])
    assert [len(set(wanted[i : i + 2])) for i in range(0, 28, 2)] == [2] * 14
    clock(EVENING + timedelta(days=28))
    (told,) = journal("show", "--json", command="experiment").lines
    assert told["tonight"] is None
    assert told["verdict"] == "cannot_say"
    assert journal("start", "late-caffeine", "--pairs", "3", command="experiment").code == Exit.USAGE
