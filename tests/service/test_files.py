"""Each file and folder that others could read or replace is found, and its remedy works as it is typed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from twitchwatch.alerts import heartbeat
from twitchwatch.alerts.settings import path_beside, write_template
from twitchwatch.link.host_identity import host_id
from twitchwatch.link.keys import Keys
from twitchwatch.service.checks import Check, Health
from twitchwatch.service.files import check_files, check_folder, check_modes, files_of, network_of
from twitchwatch.service.lock import only_one
from twitchwatch.store import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
ME = os.getuid() if os.name == "posix" else 0


@pytest.fixture
def database(tmp_path: Path):
    """With everything that is beside it, in a folder whose name has a space and a bracket."""
    path = tmp_path / "my [own] data" / "t.db"
    with only_one(path), Store.open(path) as store:
        store.register("aa", 1, "ring", 0)
        Keys.beside(path).make("24:0A:C4:00:00:01")
        host_id(path.with_name("host-id"))
        write_template(path_beside(path))
        heartbeat.write(heartbeat.path_beside(path))
        path.with_name("t.db.v6.backup").touch(0o600)
        for folder, name in (("backups", "t.db"), ("logs", "t.log")):
            path.with_name(folder).mkdir(0o700)
            (path.with_name(folder) / name).touch(0o600)
        yield path


def log_of(database: Path) -> Path:
    return database.parent / "logs" / "t.log"


def problems(database: Path, user: int = ME) -> list[Check]:
    """What is wrong with its folder, and those above it as far as they are the test's."""
    found = check_folder(database.parent, files_of(database, log_of(database)), user)
    return [one for one in found if str(database.parent.parent) in one.reported]


def commands(remedy: str) -> list[str]:
    return re.findall(r"`([^`]*)`", remedy)


def test_what_the_program_makes_is_private(database: Path) -> None:
    (found,) = check_modes(database, log_of(database), ME)
    assert (found.name, found.health) == ("Files", Health.WELL)
    # Database, -wal, -shm, lock, beat, copy before an upgrade, backup, log, host-id, keys, alerts.
    assert found.reported.startswith("11 with")
    assert problems(database) == []


@pytest.mark.parametrize(
    ("name", "title", "health"),
    [
        ("t.db-wal", "Files", Health.WARNING),
        ("t.db-shm", "Files", Health.WARNING),
        ("t.db.lock", "Files", Health.WARNING),
        ("t.db.beat", "Files", Health.WARNING),
        ("t.db.v6.backup", "Files", Health.WARNING),
        ("backups/t.db", "Files", Health.WARNING),
        ("host-id", "Files", Health.WARNING),
        ("logs/t.log.1", "Files", Health.WARNING),
        ("keys.json", "Secrets", Health.BAD),
        ("alerts.toml", "Secrets", Health.BAD),
    ],
)
@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_file_that_others_may_read(
    database: Path, name: str, title: str, health: Health, mode: int
) -> None:
    path = database.with_name(name) if "/" not in name else database.parent / name
    path.touch()
    path.chmod(mode)
    (found,) = check_modes(database, log_of(database), ME)
    assert (found.name, found.health) == (title, health)
    assert path.name in found.reported
    subprocess.run(commands(found.remedy)[0], shell=True, check=True)
    assert [one.health for one in check_modes(database, log_of(database), ME)] == [Health.WELL]


def test_files_of_someone_else(database: Path) -> None:
    (found,) = check_modes(database, log_of(database), ME + 1)
    assert found.health is Health.WARNING
    assert "owned by someone else" in found.reported
    (command,) = commands(found.remedy)
    assert command.startswith('sudo chown "$USER" ')
    named = subprocess.run(
        f"printf '%s\\n' {command.removeprefix('sudo chown')}",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()[1:]
    assert named
    assert all(Path(one).is_file() for one in named)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_in_which_others_may_write(database: Path, mode: int) -> None:
    folder = database.parent
    folder.chmod(mode)
    (found,) = problems(database)
    assert (found.health, found.reported) == (Health.BAD, f"others may replace the files in {folder}")
    (command,) = commands(found.remedy)
    subprocess.run(command, shell=True, check=True)
    assert problems(database) == []


def test_a_folder_of_everybody_or_of_someone_else(database: Path) -> None:
    folder = database.parent
    (found,) = problems(database, ME + 1)
    assert found.reported == f"{folder} is owned by someone else"
    folder.chmod(0o1777)
    (found,) = problems(database)
    assert "is shared" in found.reported
    subprocess.run(commands(found.remedy)[0], shell=True, check=True)
    assert (folder / "twitchwatch").stat().st_mode & 0o777 == 0o700
    assert {"t.db", "t.db-wal", "host-id"} <= {path.name for path in (folder / "twitchwatch").iterdir()}


def test_a_folder_above_that_others_may_replace(database: Path) -> None:
    above = database.parent.parent
    mode = above.stat().st_mode
    above.chmod(0o757)
    (found,) = problems(database)
    assert found.health is Health.BAD
    subprocess.run(commands(found.remedy)[0], shell=True, check=True)
    assert problems(database) == []
    above.chmod(mode)


def test_a_network_file_system() -> None:
    mounts = (
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "40 22 0:44 / /home rw,relatime shared:9 - nfs4 server:/home rw,vers=4.2\n"
        "41 40 8:3 / /home/me/local\\040disk rw - xfs /dev/sdb1 rw\n"
    )
    assert network_of(Path("/var/t.db"), mounts) == ""
    assert network_of(Path("/home/me/t.db"), mounts) == "nfs4"
    assert network_of(Path("/homes/t.db"), mounts) == ""
    assert network_of(Path("/home/me/local disk/t.db"), mounts) == ""
    assert network_of(Path("/home/me/t.db"), "") == ""


def test_nothing_is_there_yet(tmp_path: Path) -> None:
    found = list(check_files(tmp_path / "none" / "t.db", tmp_path / "none" / "t.log"))
    assert found[0].health is Health.WELL
