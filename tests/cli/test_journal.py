"""The journal and what is built on it, typed as a user would."""

from __future__ import annotations

import io
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
    unclear = journal("add", "--stress", "9")
    assert (unclear.code, unclear.out) == (Exit.USAGE, "")
    assert "--night yesterday" in unclear.err
    late = journal("add", "--stress", "9", "--note", "bad night", "--night", "yesterday")
    assert "Too late to count for triggers, but kept with the entry: stress." in late.out
    (entry,) = journal("list", "--json").lines
    assert list(entry)[1:] == list(SHAPES["journal"]["journal"])
    assert entry["night"] == "2026-03-04"
    assert entry["sealed"] is True
    assert entry["values"] == {"stress": 2.0}
    assert entry["later"] == {"stress": 9.0, "note": "bad night"}
    reported = journal("list").out
    assert "stress 2" in reported
    assert "Later: stress 9, note: bad night" in reported


def test_a_symptom_is_a_red_flag_at_once_and_without_any_record(journal) -> None:
    reported = journal("add", "--symptoms", "swallowing, weakness")
    at_once, soon = reported.out.index("See a doctor at once"), reported.out.index("within the next few days")
    assert at_once < soon
    silent = journal("add", "--symptoms", "swallowing, weakness", "--json")
    assert len(silent.lines) == 1
    assert "See a doctor at once" in silent.err
    flags = journal("--json", command="flags").lines
    assert {(flag["finding"], flag["urgency"]) for flag in flags} == {
        ("symptom_swallowing", "at_once"),
        ("symptom_weakness", "doctor"),
    }
    page = journal(command="flags").out.splitlines()
    assert (page[0], "trouble swallowing" in page[1]) == ("At once", True)


def test_wrong_amounts_name_what_is_right(journal) -> None:
    outcome = journal("add", "--caffeine", "2 beer")
    assert (outcome.code, outcome.out) == (Exit.USAGE, "")
    assert "coffee" in outcome.err
    assert journal("list").out.startswith("Nothing is noted") or journal("list").code == Exit.CONFIGURATION


def test_the_future_cannot_be_noted(journal) -> None:
    outcome = journal("add", "--stress", "1", "--night", "2026-03-05")
    assert outcome.code == Exit.USAGE
    assert "is in the future" in outcome.err


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
    assert "after about three weeks" in journal(command="triggers").out


def test_triggers_of_journal_and_nights(invoke, database, tmp_path, clock) -> None:
    """Two nights are too few, and it says so for each factor."""
    own = shutil.copy(database, tmp_path / "own.db")
    nights = [line["night"] for line in invoke("nights", "--json", "--database", own).lines]
    clock(datetime.combine(date.fromisoformat(nights[0]), EVENING.timetz()))
    assert invoke("journal", "add", "--stress", "1", "--database", own).code == 0
    (reported,) = invoke("triggers", "--json", "--database", own).lines
    assert list(reported)[1:] == list(SHAPES["triggers"]["trigger"])
    assert (reported["factor"], reported["answer"], reported["nights"]) == ("stress", "cannot_say", 1)
    assert "21 are needed" in invoke("triggers", "--database", own).out


def test_a_plan_from_start_to_end(journal, clock) -> None:
    begun = journal("start", "four-weeks", command="plan")
    assert begun.code == 0
    assert "It takes 28 nights, up to that of Tue 31 Mar 2026" in begun.out
    assert "The first comparison is possible after Sat 14 Mar 2026" in begun.out
    (reported,) = journal("show", "--json", command="plan").lines
    assert list(reported)[1:] == list(SHAPES["plan"]["plan"])
    assert (reported["phase"], reported["day"]) == ("watch", 1)
    clock(EVENING + timedelta(days=8))
    assert "optimise, day 2 of 7" in journal("show", command="plan").out
    assert journal("start", "two-weeks", command="plan").code == Exit.USAGE
    assert journal("stop", command="plan").code == 0
    assert "ended" in journal("show", command="plan").out


def test_a_plan_without_nights_to_compare_with_says_so_on_day_one(journal) -> None:
    begun = journal("start", "two-weeks", command="plan")
    assert begun.code == 0
    assert "no nights have data, and 4 are needed" in begun.out
    assert "`twitchwatch plan stop`" in begun.out


def test_an_experiment_says_each_evening_what_the_lot_wants(journal, clock) -> None:
    begun = journal("start", "late-caffeine", "--seed", "3", command="experiment")
    assert begun.code == 0
    assert "It takes 28 evenings, up to Tue 31 Mar 2026" in begun.out
    assert "With 6 pairs, after Sun 15 Mar 2026" in begun.out
    wanted = []
    for day in range(28):
        clock(EVENING + timedelta(days=day))
        (reported,) = journal("show", "--json", command="experiment").lines
        assert list(reported)[1:] == list(SHAPES["experiment"]["experiment"])
        wanted.append(reported["tonight"])
    assert [len(set(wanted[i : i + 2])) for i in range(0, 28, 2)] == [2] * 14
    clock(EVENING + timedelta(days=28))
    (reported,) = journal("show", "--json", command="experiment").lines
    assert reported["tonight"] is None
    assert reported["verdict"] == "cannot_say"
    assert journal("start", "late-caffeine", "--pairs", "3", command="experiment").code == Exit.USAGE


def test_the_morning_lands_on_the_night_just_slept_and_counts_until_noon(journal, clock) -> None:
    clock(EVENING + timedelta(hours=11))
    assert "Tue 3 Mar 2026" not in journal("add", "--slept", "6.5", "--felt-night", "2").out
    clock(EVENING + timedelta(hours=17))
    assert "Too late" in journal("add", "--slept-quality", "2").out
    (entry,) = journal("list", "--json").lines
    assert entry["night"] == "2026-03-04"
    assert entry["values"] == {"slept_h": 6.5, "felt_night": 2.0}
    assert entry["later"] == {"slept_quality": 2.0}
    assert entry["morning_sealed_utc"] == "2026-03-05T11:00:00.000Z"


def test_one_command_serves_the_evening_and_the_night_before(journal) -> None:
    journal("add", "--stress", "2", "--slept", "7")
    before, evening = journal("list", "--json").lines
    assert (before["night"], before["later"]) == ("2026-03-03", {"slept_h": 7.0})
    assert (evening["night"], evening["values"]) == ("2026-03-04", {"stress": 2.0})


@pytest.mark.parametrize(("hours", "night"), [(5, "2026-03-04"), (-3, "2026-03-04"), (8, "2026-03-04")])
def test_until_three_at_night_it_is_the_same_evening(journal, clock, hours, night) -> None:
    clock(EVENING + timedelta(hours=hours))
    arguments = ("--night", "yesterday") if hours == 8 else ()
    assert journal("add", "--stress", "1", *arguments).code == 0
    assert [line["night"] for line in journal("list", "--json").lines] == [night]


@pytest.mark.parametrize(("word", "night"), [("today", "2026-03-04"), ("yesterday", "2026-03-03")])
def test_days_have_names(journal, word, night) -> None:
    journal("add", "--stress", "1", "--night", word)
    assert [line["night"] for line in journal("list", "--json", "--night", word).lines] == [night]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--caffeine", "3"), '"3 mg"'),
        (("--nicotine", "5"), "5 cigarette"),
        (("--caffeine", "1 coffee", "--late-caffeine", "2 coffee"), "cannot be more"),
        (("--note", "  "), "--clear note"),
        (("--medication", ""), "Write none"),
    ],
)
def test_nonsense_is_asked_back(journal, arguments, said) -> None:
    outcome = journal("add", *arguments)
    assert (outcome.code, outcome.out) == (Exit.USAGE, "")
    assert said in outcome.err


def test_what_contradicts_an_earlier_note_is_refused_and_nothing_is_written(journal) -> None:
    journal("add", "--caffeine", "1 coffee")
    assert "cannot be more" in journal("add", "--late-caffeine", "190", "--stress", "3").err
    (entry,) = journal("list", "--json").lines
    assert entry["values"] == {"caffeine_mg": 95.0}


class Keyboard(io.StringIO):
    """A terminal at which these lines are typed."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("command", "typed", "values"),
    [
        ("morning", ["7", "9", "4", ""], {"slept_h": 7.0, "slept_quality": 4.0}),
        ("evening", ["3", "3 coffee", "", *[""] * 20], {"caffeine_mg": 285.0}),
        (
            "evening",
            ["1 tea", "1 coffee", "1 tea", *[""] * 20],
            {"caffeine_mg": 47.0, "late_caffeine_mg": 47.0},
        ),
    ],
)
def test_a_form_asks_again_until_it_is_understood(
    journal, clock, monkeypatch, command, typed, values
) -> None:
    if command == "morning":
        clock(EVENING + timedelta(hours=11))
    monkeypatch.setattr("sys.stdin", Keyboard("\n".join(typed) + "\n"))
    assert journal(command).code == 0
    (entry,) = journal("list", "--json").lines
    assert (entry["night"], entry["values"]) == ("2026-03-04", values)


def test_the_sleep_of_the_night_before_is_a_factor_of_the_next(invoke, database, tmp_path, clock) -> None:
    """Nights of 4 and 5 March 2025: what was slept in the first goes with the twitches of the second."""
    own = shutil.copy(database, tmp_path / "own.db")
    clock(datetime(2025, 3, 5, 7, tzinfo=UTC))
    assert invoke("journal", "add", "--slept", "6", "--database", own).code == 0
    (reported,) = invoke("triggers", "--json", "--database", own).lines
    assert (reported["factor"], reported["nights"]) == ("slept_h", 1)
