"""Every room has its place in the contract, and the table of rooms is the contract's."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rooms import PAGE, ROOT, contract, renewed, unplaced

# Imports of the computer's and of the sensor's own names.
COMPUTER, SENSOR = {"twitchwatch"}, {"shared", "twitchband", "boards", "models"}
FOLDERS = ("host", "firmware", "shared")


def test_the_table_is_fresh():
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "run: python -m tests.rooms"


def test_every_folder_of_code_is_looked_at():
    roots, _ = contract()
    found = {path.parent.name for one in FOLDERS for path in (ROOT / one).glob("*/__init__.py")}
    found |= {"shared", "boards"}
    assert found - {"protocol", "detector"} == set(roots)


def test_a_module_outside_every_room_is_found():
    rooms = {"house.attic", "house.cellar", "garden"}
    modules = {"house", "house.attic", "house.attic.chest", "house.shed", "garden.pond", "numpy"}
    assert unplaced(modules, rooms, {"root_packages": ["house", "garden"]}) == {"house.shed"}


def test_a_new_room_without_a_place_fails(tmp_path):
    """The linter itself, over a copy of the house with one room more, and one that looks upwards."""
    for folder in (*FOLDERS, "tests"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "pyproject.toml").write_text(
        (ROOT / "pyproject.toml").read_text().replace('"models"]', '"models", "porch"]', 1)
    )
    porch = tmp_path / "porch"
    porch.mkdir()
    (porch / "__init__.py").write_text("import shared.protocol\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert "- porch" in done.stdout


def lint_imports(folder: Path) -> "subprocess.CompletedProcess[str]":
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    path = ":".join(str(folder / one) for one in ("firmware", "host", "."))
    return subprocess.run(
        [sys.executable, "-c", code, "--no-logo", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": path, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_computer_refuses_the_sensors_name_of_shared_code():
    with pytest.raises(ImportError, match=r"on the computer import twitchwatch\.shared"):
        importlib.import_module("shared.protocol.seal")


def test_no_file_imports_shared_code_under_two_names():
    """A file runs on one of the two; what both run looks at which one it is."""
    files = [path for one in ("host", "bench", "tests", "validation") for path in (ROOT / one).rglob("*.py")]
    mixed = {path for path in files if mixes(ast.parse(path.read_text(encoding="utf-8")))}
    assert not mixed
    assert len(files) > 300


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import shared.protocol\nfrom twitchwatch import link", True),
        ("def late():\n  from shared import detector\nimport twitchwatch", True),
        ("import shared.protocol\nimport twitchband.log", False),
        ("if sys.implementation.name == 'micropython':\n  import shared\nelse:\n  import twitchwatch", False),
    ],
)
def test_what_is_a_mixture(code, expected):
    assert mixes(ast.parse(code)) is expected


def mixes(tree: ast.Module) -> bool:
    """Whether one interpreter would import names of the computer and of the sensor."""
    roots = {name.partition(".")[0] for name in imports(tree)}
    return bool(roots & COMPUTER and roots & SENSOR)


def imports(tree: ast.AST) -> Iterator[str]:
    """What CPython imports."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "sys.implementation.name == 'micropython'":
            for one in node.orelse:
                yield from imports(ast.Module([one], []))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        else:
            yield from imports(node)
