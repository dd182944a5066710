"""Every command that a message names works as typed: it is put through the program's own parser."""

import ast
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest

import twitchwatch
from twitchwatch.cli.main import COMMANDS, program

HOUSE = Path(twitchwatch.__file__).parent
DOCS = Path(__file__).parents[2] / "docs"
HINT = re.compile(r"`twitchwatch( [^`]+)?`")
# What a message puts into a command, by its expression.
FILLED = {
    "flag.id": "3",
    "numbered[0]": "3",
    "next(iter(PLANS))": "four-weeks",
    "what": "plan",
    "one.option": "note",
    "path": "",
}
# What a person puts in.
PLACEHOLDERS = {
    "DATE": "2025-03-04",
    "FILE": "file.bin",
    "ID": "3",
    "ADDRESS": "AA:BB",
    "PORT": "/dev/ttyACM0",
    "NAME": "ring",
}


def literals(tree: ast.AST, docstrings: bool) -> Iterator[str]:
    """The texts of a module: those that are docstrings, or all others, f-strings filled in."""
    docs, parts = set(), set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            docs.add(id(body[0].value))
        if isinstance(node, ast.JoinedStr):
            parts.update(map(id, node.values))
    for node in ast.walk(tree):
        if id(node) in parts or (id(node) in docs) != docstrings:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                str(one.value)
                if isinstance(one, ast.Constant)
                else FILLED.get(ast.unparse(one.value), f"{{{ast.unparse(one.value)}}}")
                for one in node.values
            )


def hints(docstrings: bool) -> list[str]:
    """Every command line that these texts have between backticks."""
    found = set()
    for path in HOUSE.rglob("*.py"):
        for text in literals(ast.parse(path.read_text(encoding="utf-8")), docstrings):
            found |= {(hint[1] or "").strip() for hint in HINT.finditer(text)}
    return sorted(found)


def typed(hint: str) -> list[str]:
    return [PLACEHOLDERS.get(word, word) for word in shlex.split(hint)]


def parse(words: list[str]) -> None:
    """Parse them as the program would. Raises click's errors; does not carry them out."""
    group: click.Command = program
    context = click.Context(program, info_name="twitchwatch", **program.context_settings)
    while isinstance(group, click.Group) and words:
        name, command, words = group.resolve_command(context, words)
        assert command is not None
        if isinstance(command, click.Group):
            # Its own options may stand between it and the name of what is below it.
            context = command.make_context(name, list(words), parent=context)
            words = [*context._protected_args, *context.args]
            if not words:
                return
        else:
            command.make_context(name, list(words), parent=context)
            return
        group = command


def test_there_are_hints():
    assert {"run", "flags --all", "plan start four-weeks", "flags ack 3"} <= set(hints(docstrings=False))


@pytest.mark.parametrize("hint", hints(docstrings=False))
def test_a_hint_in_a_message_works_as_typed(hint):
    # Of --help.
    with suppress(click.exceptions.Exit):
        parse(typed(hint))


@pytest.mark.parametrize("hint", sorted({*hints(docstrings=True)}))
def test_a_command_in_help_exists(hint):
    # Help speaks of a command; what it needs is in that command's own help.
    with suppress(click.MissingParameter, click.exceptions.NoArgsIsHelpError):
        parse(typed(hint))


def examples() -> list[str]:
    """Commands in the documents: lines of code blocks, without a comment or a pipe."""
    found = set()
    for path in (*DOCS.glob("*.md"), DOCS.parent / "README.md"):
        text = path.read_text(encoding="utf-8").partition("<!-- commands: generated")[0]
        for line in re.findall(r"^(?:    |)(?:\.venv/bin/)?twitchwatch +(\S.*)$", text, re.MULTILINE):
            command = re.split(r"\s{2,}|\s#|\s[|>&]", line)[0]
            if command.split()[0] in COMMANDS:
                found.add(command.strip())
    return sorted(found)


@pytest.mark.parametrize("example", examples())
def test_an_example_of_the_documents_works_as_typed(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("recording.csv", "profile.pdf", "a.csv.gz"):
        (tmp_path / name).touch()
    parse(typed(example))


def test_what_does_not_work_is_found():
    with pytest.raises(click.UsageError):
        parse(typed("flags --al"))
    with pytest.raises(click.UsageError):
        parse(typed("flags ack"))
    with pytest.raises(click.UsageError):
        parse(typed("devices"))
    with pytest.raises(click.UsageError):
        parse(typed("experiment start late-cafeine"))
