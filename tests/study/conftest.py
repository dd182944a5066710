"""A small cohort with a study of it, as commands made it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.cli.conftest import invoke
from twitchwatch.sim.cohort import Member, make_cohort
from twitchwatch.study.folder import Folder, open_folder
from twitchwatch.study.pseudonyms import KeyFile, new_key
from twitchwatch.study.pulling import pull
from twitchwatch.study.register import Wearer, begin, enter

__all__ = ["invoke"]
NOW_US = 1_800_000_000_000_000
WEARERS, NIGHTS = 5, 6
KNOWN = ("age", "sex", "site", "course")


@dataclass
class Pilot:
    """A study, its key, and the truth about its wearers by label."""

    folder: Folder
    key: KeyFile
    truth: dict[str, dict]

    @property
    def address(self) -> str:
        return self.folder.root


def enrol(folder: Folder, key: KeyFile, member: Member) -> None:
    enter(
        folder,
        Wearer(key.pseudonym(member.label), "2026-01-02", member.age, member.sex, member.site, member.course),
    )
    key.wearers[member.label] = str(member.database)
    key.save()


@pytest.fixture(scope="session")
def cohort(tmp_path_factory) -> Path:
    """Databases of modelled wearers; the first night of each is detected from samples."""
    folder = tmp_path_factory.mktemp("cohort")
    make_cohort(folder, WEARERS, NIGHTS, seed=4)
    return folder


def members(cohort: Path) -> list[Member]:
    return [
        Member(one["label"], cohort / f"{one['label']}.db", *(one[name] for name in KNOWN))
        for one in json.loads((cohort / "truth.json").read_text())
    ]


@pytest.fixture(scope="session")
def made(cohort, tmp_path_factory) -> Path:
    """The study as it is after the first pull, to be copied."""
    path = tmp_path_factory.mktemp("study")
    folder = open_folder(str(path / "study"))
    key = new_key(path / "key.json", begin(folder, "Pilot", date(2026, 1, 1)).id)
    for member in members(cohort):
        enrol(folder, key, member)
    pulled = pull(folder, key, NOW_US)
    assert pulled.failed == {}
    return path


@pytest.fixture
def pilot(made, cohort, tmp_path) -> Pilot:
    """A copy of it for one test."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    content = json.loads((tmp_path / "key.json").read_text())
    key = KeyFile(
        tmp_path / "key.json", content["study"], bytes.fromhex(content["key"]), dict(content["wearers"])
    )
    truth = {one["label"]: one for one in json.loads((cohort / "truth.json").read_text())}
    return Pilot(open_folder(str(tmp_path / "study")), key, truth)
