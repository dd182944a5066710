"""What is installed is locked: each requirement of pyproject.toml, in its range, by its hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKED = {
    "dev": ("sim", "dev"),
    "bench": ("sim", "dev", "bench"),
    "mutants": ("sim", "dev", "mutants"),
    "readers": ("sim", "dev", "readers"),
}


def entries(name: str) -> dict[str, list[tuple[Requirement, str]]]:
    """The requirements of a file by their names, each with its text."""
    found: dict[str, list[tuple[Requirement, str]]] = {}
    text = (ROOT / "locked" / f"{name}.txt").read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=\S)", text):
        if not entry.startswith("#"):
            locked = Requirement(entry.partition("\\")[0])
            found.setdefault(canonicalize_name(locked.name), []).append((locked, entry))
    return found


def wanted(extras: tuple[str, ...]) -> list[Requirement]:
    """What the package asks for with these extras, and the extras that those name."""
    optional = PROJECT["optional-dependencies"]
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in optional[extra])]
    requirements = [Requirement(text) for text in texts]
    own = [one for one in requirements if one.name == PROJECT["name"]]
    further = [Requirement(text) for one in own for extra in one.extras for text in optional[extra]]
    return [one for one in (*requirements, *further) if one not in own]


@pytest.mark.parametrize("name", LOCKED)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_each_requirement_is_locked_within_its_range(name, python):
    locked = entries(name)
    here = {**default_environment(), "python_version": python, "python_full_version": f"{python}.0"}
    for requirement in wanted(LOCKED[name]):
        chosen = [
            one
            for one, _ in locked.get(canonicalize_name(requirement.name), [])
            if one.marker is None or one.marker.evaluate(here)
        ]
        assert len(chosen) == 1, f"{requirement}: run make lock"
        (pin,) = chosen[0].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), f"{requirement} is locked as {pin}: run make lock"


@pytest.mark.parametrize("name", LOCKED)
def test_each_entry_has_hashes_and_no_place(name):
    for entry in entries(name).values():
        for _, text in entry:
            assert "--hash=sha256:" in text
            assert "://" not in text


@pytest.mark.parametrize("more", ["bench", "mutants"])
def test_the_files_have_the_same_versions(more):
    few, all_of_them = entries("dev"), entries(more)
    for name, locked in few.items():
        assert {one.specifier for one, _ in locked} == {one.specifier for one, _ in all_of_them[name]}
