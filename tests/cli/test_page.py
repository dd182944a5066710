"""What people read fits their terminal, and no number and no id is cut."""

import io
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import Screen
from twitchwatch.cli.main import run
from twitchwatch.errors import Exit
from twitchwatch.terminal.page import Page
from twitchwatch.terminal.progress import show_deriving
from twitchwatch.wording.layout import filled, wrapped
from twitchwatch.wording.sparkline import sparkline

WIDTHS = (80, 50, 40)
PAGES = ("nights", "events", "flags", "flags show 1 --details", "sensors", "status", "settings show")
words = st.text("abcdefgh0123456789:-.", min_size=1, max_size=18)


def figures(lines):
    """Every word with a digit in it."""
    return sorted(word.strip("(),.;`") for line in lines for word in line.split() if re.search(r"\d", word))


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_fits_and_keeps_its_figures(screen, invoke, database, page, columns):
    arguments = (*page.split(), "--database", database)
    code, lines, _ = screen(columns, *arguments)
    whole = invoke(*arguments)
    assert code == whole.code
    assert all(len(line) <= columns for line in lines if " " in line.strip())
    assert set(figures(whole.out.splitlines())) <= set(figures(lines))


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("command", ["", "nights", "journal add", "flash"])
def test_help_fits(screen, columns, command):
    code, lines, _ = screen(columns, *command.split(), "--help")
    assert code == 0
    assert len(lines) > 10
    assert all(len(line) <= columns for line in lines)


@pytest.mark.parametrize("columns", WIDTHS)
def test_an_error_is_wrapped_like_a_page(screen, tmp_path, columns):
    code, _, lines = screen(columns, "nights", "--database", tmp_path / "none.db")
    assert code == Exit.CONFIGURATION
    assert lines[0].startswith("twitchwatch: ")
    assert all(len(line) <= columns for line in lines if "/" not in line)
    assert str(tmp_path / "none.db") in "".join(lines)
    code, _, lines = screen(columns, "nights", "--night", "the third of March")
    assert code == Exit.USAGE
    assert len(lines) > 1
    assert all(len(line) <= columns for line in lines)


@pytest.mark.parametrize(
    ("environment", "codes"),
    [
        ({}, {"\x1b[1;31m", "\x1b[0m"}),
        ({"NO_COLOR": ""}, {"\x1b[1;31m", "\x1b[0m"}),
        # https://no-color.org is about colour alone.
        ({"NO_COLOR": "1"}, {"\x1b[1m", "\x1b[0m"}),
        ({"TERM": "dumb"}, set()),
    ],
)
def test_colour_and_bold_are_off_where_they_are_not_wanted(monkeypatch, environment, codes):
    out = Screen()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    Page().say("words", style="bold red")
    assert set(re.findall(r"\x1b\[[0-9;]*m", out.getvalue())) == codes


@given(st.lists(st.tuples(words, words, words, words), min_size=1, max_size=4), st.integers(40, 120))
def test_a_table_cuts_no_cell(rows, columns):
    out = Screen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setenv("COLUMNS", str(columns))
        patch.setenv("TERM", "xterm")
        Page().table(("One", "Two", "Three", "Four"), rows, right=("Two",))
    shown = " ".join(out.lines)
    assert all(cell in shown for row in rows for cell in row if cell.strip("-"))
    assert all(len(line) <= columns for line in out.lines)


def test_a_column_without_content_gives_way_before_the_table_does(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    columns = ("Night", "Rest", "Lost", "Sensor")
    rows = [("Thu 26 Nov 2026", "8.0 h", blank, "Left ring 12") for blank in ("-", "3.2 h")]
    for given_rows, header in ((rows[:1], "Night            Rest   Sensor"), (rows, "Thu 26 Nov 2026")):
        out = Screen()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            Page().table(columns, given_rows)
        assert out.lines[0] == header


@given(st.lists(words, max_size=9), st.integers(20, 80))
def test_filled_lines_have_every_part_once_and_in_order(parts, width):
    lines = filled(parts, width)
    assert ", ".join(parts) == " ".join(lines)
    assert all(len(line) <= width for line in lines)


def test_a_word_longer_than_a_line_stays_whole():
    assert wrapped("see /a/path/that/is/long now", 8) == ["see", "/a/path/that/is/long", "now"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("nigths", "nights"),
        ("flgas", "flags"),
        ("nights --nigth 2025-03-04", "--night"),
        ("flags akc 3", "ack"),
        ("journal ad", "add"),
        ("experiment stat", "start"),
        ("settings show tlit", "tilt"),
        ("plan start four-wekes", "four-weeks"),
        ("experiment start alcohl", "alcohol"),
        ("completion bsh", "bash"),
        ("journal edit --clear stres", "stress"),
    ],
)
def test_what_was_mistyped_is_suggested(invoke, typed, meant):
    outcome = invoke(*typed.split())
    assert outcome.code == Exit.USAGE
    assert re.search(rf"Did you mean .*{meant}", outcome.err)
    assert outcome.err.count("\n") == 1


def test_a_terminal_is_shown_how_many_nights_are_derived_and_a_pipe_is_not(capsys, monkeypatch):
    show_deriving(10, 300)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    show_deriving(10, 20)
    assert capsys.readouterr().err == ""
    show_deriving(10, 300)
    assert capsys.readouterr().err == "\rDeriving nights from their records: 10 of 300"
    show_deriving(300, 300)
    assert "\r" in capsys.readouterr().err


def test_nights_have_bars_by_the_hour_where_there_is_room(screen, invoke, database):
    _, wide, _ = screen(100, "nights", "--database", database)
    assert wide[0].endswith("22 to 02 h")
    # 10 an hour for three hours from 23:00 on, and 5 in the hour from 22:00 on, on one scale.
    assert [line.rpartition(" ")[2] for line in wide[1:3]] == ["·███", "▅···"]
    _, narrow, _ = screen(70, "nights", "--database", database)
    assert not set("".join(narrow)) & set("▁▂▃▄▅▆▇█")
    assert set(figures(wide[1:])) <= set(figures(narrow))


def test_an_output_in_ascii_gets_bars_in_ascii(invoke, database, monkeypatch):
    """A terminal whose locale has no bars."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    out.isatty = lambda: True
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        assert run(["nights", "--database", str(database)]) == 0
    assert "  ?###\n" in out.buffer.getvalue().decode("ascii")


def test_a_row_of_bars_has_one_place_for_each_value():
    assert sparkline([0, None, 7, 3.5]) == "▁·█▅"
    assert sparkline([0, None, 7, 3.5], plain=True) == "_?#="
    assert sparkline([1, 2], most=8) == "▂▃"
    assert sparkline([None, 0]) == "·▁"


def test_a_last_column_without_any_text_is_no_trouble(capsys):
    Page().table(("Hour", ""), [("23:00", ""), ("00:00", "")])
    assert capsys.readouterr().out.split() == ["Hour", "23:00", "00:00"]
