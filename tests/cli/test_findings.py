"""Findings as people read them: the most urgent first, short, and all about one when asked."""

import ast
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import twitchwatch
from twitchwatch.errors import Exit
from twitchwatch.flags import Finding, symptom_flags
from twitchwatch.flags.symptoms import Symptom
from twitchwatch.flags.words import CALMING, RED_FLAGS
from twitchwatch.terminal.night_page import show_night
from twitchwatch.terminal.page import Page
from twitchwatch.wording.evidence import EVIDENCE
from twitchwatch.wording.findings import HEADINGS, by_urgency, once, sentences, what_matters

# Figures for readers of statistics: `--details` has them.
TECHNICAL = {"spread_hz", "cycles", "peak_mg"}
# One row for the three.
RATIO = {"ratio", "interval_low", "interval_high"}


def finding(urgency, day=4, state="new", number=1):
    return Finding(
        kind="tremor",
        scope="night",
        sensor="ring",
        night=date(2026, 3, day),
        since_utc_us=day,
        confidence="high",
        words=f"Seen on day {day}. More of it.",
        may_mean="",
        to_try=CALMING,
        see_doctor=RED_FLAGS,
        resolved_when="",
        evidence={},
        urgency=urgency,
        state=state,
        id=number,
    )


def test_the_most_urgent_comes_first_and_the_newest_of_each():
    mixed = [
        finding("note"),
        finding("doctor", 4),
        finding("at_once"),
        finding("finding"),
        finding("doctor", 9),
    ]
    groups = by_urgency(mixed)
    assert [heading for heading, _ in groups] == list(HEADINGS.values())
    assert [flag.night.day for flag in dict(groups)[HEADINGS["doctor"]]] == [9, 4]
    assert by_urgency([replace(one, state="acknowledged") for one in mixed]) == []


def test_what_cannot_wait_says_what_to_do_and_all_else_what_was_seen():
    (symptom,) = symptom_flags([Symptom(date(2026, 3, 4), "speech")])
    assert what_matters(symptom).startswith("See a doctor at once.")
    assert what_matters(finding("doctor")) == "Seen on day 4."


def test_a_sentence_is_said_once():
    assert once(["One. Two 1.5 mg.", "", "Two 1.5 mg. Three?"]) == "One. Two 1.5 mg. Three?"
    assert once([CALMING, RED_FLAGS, f"First. {CALMING}"]) == f"{CALMING} {RED_FLAGS} First."
    assert sentences("  ") == []


def test_every_figure_of_every_finding_has_a_name_for_its_wearer():
    keys = set()
    for path in (Path(twitchwatch.__file__).parent / "flags").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "evidence" and isinstance(node.value, ast.Dict):
                keys |= {one.value for one in ast.walk(node.value) if one in node.value.keys and one}
    assert "frequency_hz" in keys
    assert keys - TECHNICAL - RATIO <= EVIDENCE.keys()


@pytest.fixture
def own(database, tmp_path):
    return shutil.copy(database, tmp_path / "own.db")


def numbers(invoke, own):
    return {line["finding"]: line["id"] for line in invoke("flags", "--json", "--database", own).lines}


def test_the_list_is_short(invoke, own):
    page = invoke("flags", "--database", own).out
    lines = page.splitlines()
    assert lines.index(HEADINGS["doctor"]) < lines.index(HEADINGS["finding"]) < lines.index(HEADINGS["note"])
    number = numbers(invoke, own)["tremor"]
    assert f"  {number}  Rhythmic shaking (tremor): night of Wed 5 Mar 2025, ring" in lines
    assert "caffeine" not in page
    assert "p value" not in page
    assert all(len(one) < 250 for one in lines)


def test_one_finding_is_shown_whole_and_its_statistics_only_when_asked(invoke, own):
    number = numbers(invoke, own)["tremor"]
    page = invoke("flags", "show", number, "--database", own).out
    for words in ("May mean: ", "What to try: ", "See a doctor: ", "Resolved when: ", "4.6 times a second"):
        assert words in page
    assert page.count("This is not a diagnosis.") == 1
    assert "bouts confirmed" not in page
    details = invoke("flags", "--database", own, "show", number, "--details").out
    assert "bouts confirmed" in details
    assert "4.6 Hz" in details
    (line,) = invoke("flags", "show", number, "--json", "--database", own).lines
    assert line["id"] == number


def test_an_unknown_number_names_the_list(invoke, own):
    outcome = invoke("flags", "show", 99, "--database", own)
    assert outcome.code == Exit.USAGE
    assert "twitchwatch flags --all" in outcome.err


def test_what_was_acknowledged_is_one_line(invoke, own):
    number = numbers(invoke, own)["tremor"]
    invoke("flags", "ack", number, "--database", own)
    page = invoke("flags", "--database", own).out
    assert f"Acknowledged: {number} rhythmic shaking (tremor)." in page
    assert HEADINGS["doctor"] not in page


def test_a_night_says_once_what_to_try(capsys, rated_night):
    whose = {"sensor": "ring", "hardware_id": "24:0A:C4:00:00:01", "night": date(2025, 3, 5)}
    same = [replace(finding(urgency, 5), **whose)
            for urgency in ("note", "finding", "doctor")]  # fmt: skip
    show_night(Page(), rated_night, same)
    page = capsys.readouterr().out
    assert page.count("no caffeine after 2 pm") == 1
    assert page.count("at once if swallowing") == 1
    assert page.count("Stands out:") == 2


@pytest.fixture
def rated_night(database):
    from twitchwatch.archive.nights import sensors_of
    from twitchwatch.archive.selection import EVERY_NIGHT, chosen_nights
    from twitchwatch.clock.zone import LOCAL
    from twitchwatch.store import Store

    with Store.open_existing(database) as store:
        return chosen_nights(sensors_of(store, LOCAL), EVERY_NIGHT)[1]
