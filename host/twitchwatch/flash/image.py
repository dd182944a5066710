"""MicroPython itself: an image file is checked, and written to a chip by esptool."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from twitchwatch.errors import DeviceError, MissingExtraError, UsageError
from twitchwatch.flash.board import how_to_install
from twitchwatch.flash.prompt import in_use
from twitchwatch.flash.tool import run_module

# ESP-IDF, esp_app_format.h: esp_image_header_t begins with this byte and names its chip (esp_chip_id_t).
_MAGIC = 0xE9
_CHIP_AT = 12
_CHIPS = {0: "ESP32", 2: "ESP32S2", 5: "ESP32C3", 9: "ESP32S3", 13: "ESP32C6"}
# Where an image begins in flash (esptool's documentation, "Basic Commands"; MicroPython's download pages).
OFFSETS = {"ESP32": 0x1000, "ESP32S3": 0x0, "ESP32C3": 0x0, "ESP32C6": 0x0}
# ESP-IDF, partition tables: where the table lies in flash, and how an entry begins.
_TABLE_AT = 0x8000
_TABLE_ENTRY = b"\xaa\x50"
# A flash of 16 MiB takes most of a minute to erase.
_ERASE_S = 120.0
# Connecting tries for seven seconds and says so with dots, not lines.
_CONNECT_S = 30.0
# Asking what chip it is must not keep anybody waiting: one attempt takes a second or two.
_ASK_S = 5.0
_BAUD = "460800"
_CHIP = re.compile(r"Detecting chip type\.+ (\S+)")
_OTHER_CHIP = re.compile(r"This chip is (\S+), not")
_WRITING = re.compile(r"Writing at 0x.* (\d+)\.\d%")


@dataclass(frozen=True)
class Image:
    """An image of MicroPython for one chip."""

    path: Path
    chip: str
    size: int

    @property
    def offset(self) -> int:
        """Its start address in flash."""
        return OFFSETS[self.chip]


def read_image(path: Path) -> Image:
    """Check an image file. Raises UsageError if it is not a complete image for a known chip."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"Cannot read the image {path}: {error.strerror}.") from None
    kind = f"{path} is not an image of MicroPython for an ESP32"
    if len(data) < _TABLE_AT or data[0] != _MAGIC:
        raise UsageError(f"{kind}. {how_to_install(None)}")
    (number,) = struct.unpack_from("<H", data, _CHIP_AT)
    chip = _CHIPS.get(number)
    if chip is None:
        raise UsageError(
            f"{path} is for a chip with the number {number}; known chips are {', '.join(OFFSETS)}."
        )
    if chip not in OFFSETS:
        raise UsageError(f"{path} is for {chip}. {how_to_install(chip)}")
    table = _TABLE_AT - OFFSETS[chip]
    if data[table : table + 2] != _TABLE_ENTRY:
        raise UsageError(
            f"{path} is an application for {chip} without boot loader and partition table, made for updates. "
            "Use the file that ends in .bin, not in .app-bin."
        )
    return Image(path, chip, len(data))


def chip_at(port: str) -> str | None:
    """The chip at a port, asked through its boot loader; None if none answers."""
    found: list[str] = []

    def heard(line: str) -> float:
        match = _CHIP.search(line)
        if match:
            found.append(match[1].replace("-", ""))
        return _ASK_S

    _esptool(port, ["--connect-attempts", "1", "chip-id"], heard, _ASK_S)
    return found[0] if found else None


def write_image(
    port: str,
    image: Image,
    on_step: Callable[[str], None],
    on_bytes: Callable[[int, int], None],
) -> None:
    """Erase the chip's flash and write `image`, which esptool verifies.

    Raises DeviceError if the chip is a different one, does not answer, or fails; the call can be repeated.
    """

    def heard(line: str) -> float:
        match = _WRITING.search(line)
        if match:
            on_bytes(image.size * int(match[1]) // 100, image.size)
        if line.startswith("Erasing"):
            on_step("Erasing the flash")
            return _ERASE_S
        if line.startswith("Compressed"):
            on_step(f"Writing {image.path.name}")
        return _CONNECT_S

    on_step(f"Looking for an {image.chip} at {port}")
    code, said = _esptool(
        port,
        ["--chip", image.chip.lower(), "--baud", _BAUD, "write-flash", "--erase-all", hex(image.offset),
         str(image.path)],
        heard,
    )  # fmt: skip
    if code == 0:
        return
    other = _OTHER_CHIP.search(said)
    if other:
        raise DeviceError(
            f"{image.path.name} is for {image.chip}, but the chip at {port} is {other[1]}. "
            f"{how_to_install(other[1].replace('-', ''))}"
        )
    if "Failed to connect" in said:
        raise DeviceError(
            f"No chip answers at {port}. Hold the board's BOOT button, press and release RESET (or pull the "
            "cable and connect it again), release BOOT, and run this again."
        )
    last = next((line for line in reversed(said.splitlines()) if "rror" in line), "it stopped responding")
    raise DeviceError(
        f"Writing {image.path.name} to {port} failed ({last.strip()}). Use a short cable, hold BOOT while "
        "you connect the board, and run this again: it starts over."
    )


def _esptool(
    port: str, arguments: list[str], heard: Callable[[str], float], first_s: float = _CONNECT_S
) -> tuple[int, str]:
    if find_spec("esptool") is None:
        raise MissingExtraError("esptool, which writes MicroPython to a board, is", "flash")
    ended = run_module("esptool", ["--port", port, *arguments], first_s, heard)
    if "port is busy" in ended.said or "Resource temporarily unavailable" in ended.said:
        raise in_use(port)
    return (0 if ended.well else 1), ended.said
