"""Each board's file: compiled for its chip, and run on stand-ins for the ESP32's modules."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BOARDS = ROOT / "firmware" / "boards"
MICROPYTHON = Path(sys.executable).with_name("micropython")
NAMES = sorted(path.parent.name for path in BOARDS.glob("*/board.py"))


@pytest.mark.parametrize("release", ["1.24", "1.25", "1.26", "1.27", "1.28", "1.29"])
@pytest.mark.parametrize("name", NAMES)
def test_board(name: str, release: str) -> None:
    command = [MICROPYTHON, HERE / "board_walk.py", ROOT, name, release]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def asked_of_a_board() -> set[str]:
    """Every name that the firmware looks up in its board."""
    return {
        node.attr
        for path in (ROOT / "firmware" / "twitchband").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "board"
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_board_has_all_that_is_asked_of_it(name: str) -> None:
    tree = ast.parse((BOARDS / name / "board.py").read_text(encoding="utf-8"))
    has = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            has.add(node.name)
        elif isinstance(node, ast.Assign):
            has |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    # Which chip it is matters to whoever flashes it.
    assert asked_of_a_board() - {"CHIP"} <= has


def test_the_page_tells_all_that_is_asked_of_a_board() -> None:
    page = (ROOT / "docs" / "new-board.md").read_text(encoding="utf-8")
    for name in asked_of_a_board():
        assert f"`{name}" in page, name
    for name in arguments_of_a_circuit():
        assert f"`{name}`" in page, name


def arguments_of_a_circuit() -> list[str]:
    """The arguments of Circuit."""
    tree = ast.parse((BOARDS / "circuit.py").read_text(encoding="utf-8"))
    (start,) = (
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "__init__"
    )
    return [argument.arg for argument in start.args.kwonlyargs]
