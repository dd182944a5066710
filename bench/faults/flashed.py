"""The firmware as it is flashed: compiled and shortened, so that the remaining memory is realistic."""

from __future__ import annotations

import shutil
from pathlib import Path

from twitchwatch.flash.board import boards
from twitchwatch.flash.package import build, firmware_folder, sources

FIRMWARE = firmware_folder()
BOARDS = {board.name: board for board in boards(FIRMWARE)}


def as_flashed(name: str, folder: Path) -> Path:
    """A folder with what the board would hold, and of the sources only the simulator's own."""
    for part in ("boards/sim", "models"):
        shutil.copytree(FIRMWARE / part, folder / part)
    shutil.copy(FIRMWARE / "main.py", folder)
    files = build(sources(FIRMWARE, BOARDS[name].folder), "x64", folder)
    for file in files:
        if file.path.suffix == ".mpy":
            file.path.with_suffix(".py").unlink(missing_ok=True)
    return folder
