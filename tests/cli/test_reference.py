"""docs/cli.md names every command, option, exit code and JSON key, as they are."""

import pytest

from tests.cli.reference import EXIT_CODES, PAGE, SHAPES, renewed
from twitchwatch.cli.main import COMMANDS, program
from twitchwatch.errors import Exit


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text(encoding="utf-8")


def test_the_generated_parts_are_fresh(page):
    assert page == renewed(page), "run: python -m tests.cli.reference"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_named(page, name):
    command = program.get_command(None, name)
    assert f"### {name}\n" in page
    for parameter in command.params:
        for spelt in parameter.opts:
            assert spelt in page if spelt.startswith("-") else spelt.upper() in page


def test_every_exit_code_has_its_meaning():
    assert set(EXIT_CODES) >= set(Exit)


def test_every_key_is_named(page):
    for shapes in SHAPES.values():
        for kind, keys in shapes.items():
            assert f"`{kind}`" in page
            assert all(f"| `{key}` |" in page for key in keys)
