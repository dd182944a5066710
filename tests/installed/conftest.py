"""The wheel of this checkout, and the program installed from it as a user does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
EXTRAS = "alerts,detect,flash,recordings,sim"
# What a shell has before anything is installed.
SYSTEM = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Installed:
    """An environment with the program in it. `path`: what the user's PATH is; `home`: whose it is."""

    python: Path
    path: str
    home: Path

    @property
    def site(self) -> Path:
        """Its site-packages."""
        (folder,) = self.python.parents[1].glob("lib/python3*/site-packages")
        return folder

    def run(self, command: str, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Type `command` in a shell, in a folder that has nothing to do with the project."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))
        }
        return subprocess.run(
            ["sh", "-c", command],
            cwd=self.home,
            env={**kept, "PATH": self.path, "HOME": str(self.home), "XDG_DATA_HOME": str(self.home / "data")},
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as for a release: the archive of the sources first, then the wheel from that."""
    folder = tmp_path_factory.mktemp("dist")
    _well([UV, "build", "--quiet", "--out-dir", folder, ROOT])
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def full(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """With all that it can be installed with."""
    return _tool(f"{wheel}[{EXTRAS}]", tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="session")
def bare_tool(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Without any extra."""
    return _tool(str(wheel), tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="session")
def bare_venv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The same by pip, whose environment is not on the PATH."""
    folder = tmp_path_factory.mktemp("venv")
    _well([sys.executable, "-m", "venv", folder / "env"])
    python = folder / "env" / "bin" / "python"
    _well([UV, "pip", "install", "--quiet", "--python", python, str(wheel)])
    return Installed(python, SYSTEM, folder)


def _tool(what: str, folder: Path) -> Installed:
    env = {**os.environ, "UV_TOOL_DIR": str(folder / "tools"), "UV_TOOL_BIN_DIR": str(folder / "bin")}
    _well([UV, "tool", "install", "--quiet", "--python", sys.executable, what], env)
    uv = shutil.copy(UV, folder / "bin")
    assert Path(uv).is_file()
    return Installed(
        folder / "tools" / "twitchwatch" / "bin" / "python", f"{folder / 'bin'}:{SYSTEM}", folder
    )


def _well(command: list[object], env: dict[str, str] | None = None) -> None:
    done = subprocess.run([str(one) for one in command], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
