"""What is connected, by its own report, and which of our boards that is."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twitchwatch.errors import DeviceError, UsageError
from twitchwatch.flash.versions import OLDEST, dotted, known_fault, versions_wanted

# docs.micropython.org, "MicroPython .mpy files": bits of sys.implementation._mpy, and the order of the
# processors there (py/persistentcode.h).
_MARCH = (
    None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa",
    "xtensawin", "rv32imc", "rv64imc",
)  # fmt: skip
# What MicroPython's download pages call the image for a chip.
_IMAGES = {
    "ESP32": "ESP32_GENERIC",
    "ESP32C3": "ESP32_GENERIC_C3",
    "ESP32C6": "ESP32_GENERIC_C6",
    "ESP32S3": "ESP32_GENERIC_S3",
}
# Espressif, product selector: Wi-Fi alone.
_WITHOUT_BLUETOOTH = ("ESP32S2",)


class NeedsMicroPython(DeviceError):
    """The board has no MicroPython, or one that is too old; `chip` is None if it is not known."""

    def __init__(self, what: str, chip: str | None) -> None:
        super().__init__(f"{what} {how_to_install(chip)}")
        self.what = what
        self.chip = chip


@dataclass(frozen=True)
class Connected:
    """A MicroPython at the cable."""

    version: tuple[int, int, int]
    machine: str
    mpy: int
    hardware_id: str
    free_bytes: int

    @property
    def chip(self) -> str:
        """ESP32C3, from "ESP32C3 module with ESP32C3"."""
        return self.machine.rsplit(" with ", 1)[-1].replace("-", "")

    @property
    def march(self) -> str:
        """The processor as mpy-cross names it. Raises NeedsMicroPython if it supports no machine code."""
        number = self.mpy >> 10 & 0xF
        march = _MARCH[number] if number < len(_MARCH) else None
        if march is None:
            raise NeedsMicroPython(
                f"The MicroPython on {self.machine} was built without support for machine code, which the "
                "detector needs.",
                self.chip,
            )
        return march

    @property
    def mpy_version(self) -> tuple[int, int]:
        """Version and sub-version of the .mpy files that it loads."""
        return self.mpy & 0xFF, self.mpy >> 8 & 3


@dataclass(frozen=True)
class Board:
    """A folder of firmware/boards: `board.py` and its other files."""

    name: str
    title: str
    chip: str
    config_path: str
    folder: Path


def connected(answer: Mapping[str, Any]) -> Connected:
    """From the board's answer. Raises NeedsMicroPython if it is too old, or not MicroPython."""
    major, minor, patch = (int(number) for number in answer["version"][:3])
    board = Connected(
        (major, minor, patch),
        str(answer["machine"]),
        int(answer["mpy"]),
        str(answer["hardware_id"]),
        int(answer["free_bytes"]),
    )
    if answer["name"] != "micropython":
        raise NeedsMicroPython(f"{answer['name']} is on the board, but MicroPython is needed.", board.chip)
    if board.version < OLDEST:
        raise NeedsMicroPython(
            f"MicroPython {dotted(board.version)} is on the board; {dotted(OLDEST)} or newer is needed.",
            board.chip,
        )
    if board.chip in _WITHOUT_BLUETOOTH:
        raise DeviceError(f"{board.machine}: {how_to_install(board.chip)}")
    fault = known_fault(board.chip, board.version)
    if fault is not None:
        raise NeedsMicroPython(
            f"MicroPython {dotted(board.version)} is on the board; on the {board.chip} {fault.what} "
            f"({fault.source}).",
            board.chip,
        )
    return board


def boards(firmware: Path) -> list[Board]:
    """The boards that can be flashed: those that define their chip."""
    found = [_read(path.parent) for path in sorted(firmware.glob("boards/*/board.py"))]
    return [board for board in found if board is not None]


def named_board(wanted: str, firmware: Path) -> Board:
    """The board of this name, or in this folder. Raises UsageError if there is none."""
    known = boards(firmware)
    own = _read(Path(wanted)) if (Path(wanted) / "board.py").is_file() else None
    board = own or next((board for board in known if board.name == wanted), None)
    if board is None:
        raise UsageError(
            f"There is no board {wanted!r}. Known boards:\n{_listed(known)}\nor a folder with a board.py."
        )
    return board


def choose_board(at: Connected, wanted: str | None, firmware: Path) -> Board:
    """The board named `wanted` (or in the folder of that name), or the one with this chip.

    Raises UsageError if there is no such board or several have the chip, DeviceError for another chip.
    """
    known = boards(firmware)
    if wanted is not None:
        board = named_board(wanted, firmware)
        if board.chip != at.chip:
            raise DeviceError(
                f"{board.name} has the chip {board.chip}, but {at.machine} is connected. Known boards:\n"
                f"{_listed(known)}"
            )
        return board
    fitting = [board for board in known if board.chip == at.chip]
    if len(fitting) != 1:
        what = "Several boards have" if fitting else "No board is known with"
        raise UsageError(
            f"{what} the chip of {at.machine}. Say which one:\n{_listed(known)}\nSee docs/new-board.md."
        )
    return fitting[0]


def _listed(known: Sequence[Board]) -> str:
    return "\n".join(f"  --board {board.name}   {board.chip}: {board.title}" for board in known)


def how_to_install(chip: str | None) -> str:
    """How to install MicroPython on a board, with the image's name if the chip is known."""
    if chip is None:
        which = f"the image for your chip ({', '.join(_IMAGES.values())})"
        where = "https://micropython.org/download/?port=esp32"
    elif chip in _IMAGES:
        which = f"{_IMAGES[chip]}-....bin"
        where = f"https://micropython.org/download/{_IMAGES[chip]}/"
    else:
        lacks = "has no Bluetooth" if chip in _WITHOUT_BLUETOOTH else "is not supported"
        return f"The {chip} {lacks}: use a board with one of {', '.join(_IMAGES)}."
    return (
        f"Once for each board: download {which}, {versions_wanted(chip)}, from {where}, hold the board's "
        "BOOT button while you connect it, and run `twitchwatch flash --image FILE`."
    )


def _read(folder: Path) -> Board | None:
    tree = ast.parse((folder / "board.py").read_text(encoding="utf-8"))
    constants = {
        statement.targets[0].id: statement.value.value
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and isinstance(statement.value, ast.Constant)
    }
    if "CHIP" not in constants:
        return None
    title = (ast.get_docstring(tree) or folder.name).splitlines()[0].rstrip(".")
    return Board(folder.name, title, str(constants["CHIP"]), str(constants["CONFIG_PATH"]), folder)
