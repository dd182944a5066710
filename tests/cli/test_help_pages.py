"""Help fits the terminal: no word, no option and no summary is cut."""

from __future__ import annotations

import click
import pytest

from twitchwatch.cli.main import COMMANDS, program, run
from twitchwatch.terminal.help_pages import Formatter

# Its set-up lines are commands to be typed, each in one piece.
IN_ONE_PIECE = "completion"


def words(text: str) -> list[str]:
    return text.split()


def commands() -> list[tuple[str, click.Command]]:
    """Every command with its path, groups among them."""
    found = []
    with click.Context(program) as parent:
        for name in COMMANDS:
            command = program.get_command(parent, name)
            assert command is not None
            found.append((name, command))
            if isinstance(command, click.Group):
                found += [(f"{name} {one}", under) for one, under in command.commands.items()]
    return found


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize(("path", "command"), [pytest.param(*one, id=one[0]) for one in commands()])
def test_help_fits_and_keeps_every_word(monkeypatch, capsys, path, command, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run([*path.split(), "--help"]) == 0
    page = capsys.readouterr().out
    assert path == IN_ONE_PIECE or max(map(len, page.splitlines())) <= columns
    shown = " ".join(words(page))
    for option in command.params:
        if isinstance(option, click.Option):
            assert " ".join(words(option.help or "")) in shown
    for under in getattr(command, "commands", {}).values():
        summary = (under.help or "").partition("\n\n")[0]
        assert " ".join(words(summary)) in shown


@pytest.mark.parametrize(
    ("width", "page"),
    [
        (38, "Options:\n  --database FILE\n      The database with your records.\n"),
        (78, "Options:\n  --database FILE  The database with your records.\n"),
    ],
)
def test_a_description_goes_below_its_option_if_there_is_no_room(width, page):
    formatter = Formatter(width=width)
    with formatter.section("Options"):
        formatter.write_dl([("--database FILE", "The database with your records.")])
    assert formatter.getvalue() == page


def test_a_long_usage_line_goes_on_below():
    formatter = Formatter(width=30)
    formatter.write_usage("twitchwatch flags", "[OPTIONS] [COMMAND] [ARGS]...")
    assert formatter.getvalue() == "Usage: twitchwatch flags\n    [OPTIONS] [COMMAND]\n    [ARGS]...\n"
