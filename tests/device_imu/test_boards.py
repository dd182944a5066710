"""Each board's file: walked through on the simulated chip, and complete."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BOARDS = ROOT / "firmware" / "boards"
MICROPYTHON = Path(sys.executable).with_name("micropython")
NAMES = sorted(path.parent.name for path in BOARDS.glob("*/board.py"))
S = 1_000_000
# Three weeks of ticks may have passed when a board starts, and a day passes before its sleeps are tried.
DAY = 100_000 * S
PLAN: dict[str, Any] = {
    "ticks_start_us": 1_073_741_824_000 - 300 * S,
    # Broken from the second on, sound again from the third, then broken above and below.
    "battery_mv": [
        [0, 3800],
        [5 * S, 300],
        [20 * S, 4000],
        [DAY - 200 * S, 5200],
        [DAY - 180 * S, 4000],
        [DAY - 160 * S, 0],
    ],
    "usb": [[24 * S, 27 * S]],
    "button_us": [
        # Bounces, and once more.
        [40 * S, 40 * S + 35_000],
        [40 * S + 60_000, 40 * S + 95_000],
        41 * S,
        DAY + 5 * S,
        # With a stuck pin, and half a minute later without.
        DAY + 90 * S,
        DAY + 120 * S,
        DAY + 190 * S,
        DAY + 220 * S,
        DAY + 300 * S,
    ],
    "faults": [
        {"fault": "button_stuck", "from_us": DAY + 60 * S, "until_us": DAY + 100 * S},
        {"fault": "int1_low", "from_us": DAY + 170 * S, "until_us": DAY + 200 * S},
        {"fault": "button_stuck", "from_us": DAY + 400 * S},
    ],
    "until_us": 2 * DAY,
}


@pytest.mark.parametrize("release", ["1.24", "1.25", "1.26", "1.27", "1.28", "1.29"])
@pytest.mark.parametrize("name", NAMES)
def test_board(tmp_path: Path, name: str, release: str) -> None:
    samples, plan = tmp_path / "samples.i16", tmp_path / "sim.json"
    samples.write_bytes(b"")
    world = {"board": name, "release": release, "samples": str(samples), "flash": str(tmp_path / "flash.bin")}
    plan.write_text(json.dumps({**PLAN, **world, "flash_blocks": 16}))
    command = [MICROPYTHON, HERE / "board_walk.py", ROOT / "firmware"]
    environment = {**os.environ, "TWITCHWATCH_SIM": str(plan)}
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout == "walked\n"


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
