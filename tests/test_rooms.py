"""Every room has its place in the contract, and the table of rooms is the contract's."""

import subprocess
import sys
from pathlib import Path

from tests.rooms import PAGE, ROOT, contract, renewed, unplaced

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
