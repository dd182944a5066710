"""The real esptool against a chip in its boot loader; then the real mpremote against what it wrote."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.flash.conftest import host_at
from tests.flash.pty_board import PtyBoard
from tests.flash.rom import RomLoader
from twitchwatch.errors import DeviceError, UsageError
from twitchwatch.flash import Order, Progress, flash
from twitchwatch.flash.board import NeedsMicroPython
from twitchwatch.flash.image import OFFSETS, chip_at, read_image

CHIP_NUMBERS = {"ESP32": 0, "ESP32S2": 2, "ESP32C3": 5, "ESP32S3": 9, "ESP32C6": 13}


def write_file(path: Path, chip: str = "ESP32C3", *, table: bool = True, number: int | None = None) -> Path:
    """What begins like an image of MicroPython for a chip: boot loader, partition table, application."""
    number = CHIP_NUMBERS[chip] if number is None else number
    head = struct.pack("<4BI4xH", 0xE9, 1, 2, 0x20, 0x40380000, number)
    loader = head.ljust(0x8000 - OFFSETS.get(chip, 0), b"\xff")
    path.write_bytes(loader + (b"\xaa\x50" if table else b"\xe9\x00") + bytes(range(256)) * 512)
    return path


@pytest.mark.parametrize("chip", OFFSETS)
def test_an_image_names_its_chip(tmp_path: Path, chip: str) -> None:
    image = read_image(write_file(tmp_path / "image.bin", chip))
    assert (image.chip, image.offset) == (chip, 0x1000 if chip == "ESP32" else 0)


def test_what_is_no_image(tmp_path: Path) -> None:
    text = tmp_path / "readme.txt"
    text.write_text("MicroPython")
    with pytest.raises(UsageError, match="is not an image of MicroPython"):
        read_image(text)
    with pytest.raises(UsageError, match="number 77"):
        read_image(write_file(tmp_path / "new.bin", number=77))
    with pytest.raises(UsageError, match=r"ESP32S2 has no Bluetooth: use a board with one of ESP32, "):
        read_image(write_file(tmp_path / "s2.bin", "ESP32S2"))
    with pytest.raises(UsageError, match=r"without boot loader.*app-bin"):
        read_image(write_file(tmp_path / "application.bin", table=False))
    with pytest.raises(UsageError, match="No such file"):
        read_image(tmp_path / "nowhere.bin")


@pytest.mark.parametrize("chip", ["ESP32", "ESP32C3", "ESP32S3"])
def test_blank_chip_becomes_a_band(tmp_path: Path, unix_board: Path, chip: str) -> None:
    """The chip answers as its boot loader does; once the image is in its flash, MicroPython is there."""
    path = write_file(tmp_path / "micropython.bin", chip)
    steps: list[str] = []
    done_bytes: list[tuple[int, int]] = []
    with RomLoader(chip) as rom, PtyBoard(tmp_path / "flash.bin") as board:
        progress = Progress(steps.append, lambda done, total: done_bytes.append((done, total)))
        # Only one chip has to become a band for the whole way to be shown.
        order = Order(board=str(unix_board), image=path, erase=True, test=chip == "ESP32C3")
        if chip != "ESP32C3":
            with pytest.raises(StopIteration):
                flash(rom.port, order, host_at(tmp_path), progress, lambda: next(iter(())))
        else:
            done = flash(rom.port, order, host_at(tmp_path), progress, lambda: board.port)
            board.await_said(b"sampling")
            assert (done.image, done.port, done.works) == ("micropython.bin", board.port, True)
    data = path.read_bytes()
    offset = OFFSETS[chip]
    assert rom.flash[offset : offset + len(data)] == data
    assert set(rom.flash[:offset]) <= {0xFF}
    assert set(rom.flash[offset + len(data) + 0x1000 :]) == {0xFF}
    assert "Erasing the flash" in steps
    assert (len(data), len(data)) in done_bytes


def test_the_right_image_is_named(tmp_path: Path) -> None:
    with RomLoader("ESP32S3") as rom:
        assert chip_at(rom.port) == "ESP32S3"
        with pytest.raises(NeedsMicroPython, match=r"ESP32_GENERIC_S3-.*BOOT.*--image FILE"):
            flash(rom.port, Order(), host_at(tmp_path), Progress(), lambda: rom.port)


def test_an_image_for_another_chip(tmp_path: Path) -> None:
    path = write_file(tmp_path / "c3.bin", "ESP32C3")
    with RomLoader("ESP32S3") as rom:
        before = bytes(rom.flash)
        with pytest.raises(DeviceError, match=r"c3.bin is for ESP32C3, but .* ESP32-S3.*ESP32_GENERIC_S3"):
            flash(rom.port, Order(image=path, erase=True), host_at(tmp_path), Progress(), lambda: rom.port)
        assert bytes(rom.flash) == before


def test_a_chip_that_is_not_in_its_boot_loader(tmp_path: Path) -> None:
    path = write_file(tmp_path / "c3.bin", "ESP32C3")
    with RomLoader("ESP32C3") as rom:
        rom.deaf = True
        with pytest.raises(DeviceError, match="Hold the board's BOOT button"):
            flash(rom.port, Order(image=path, erase=True), host_at(tmp_path), Progress(), lambda: rom.port)


def test_micropython_that_is_new_enough_is_kept(worn: PtyBoard, unix_board: Path, tmp_path: Path) -> None:
    order = Order(board=str(unix_board), image=write_file(tmp_path / "c3.bin"), test=False)
    done = flash(worn.port, order, host_at(tmp_path), Progress(), lambda: worn.port)
    assert done.image is None
    worn.await_said(b"sampling")


def test_erasing_wants_an_image(worn: PtyBoard, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--image FILE"):
        flash(worn.port, Order(erase=True), host_at(tmp_path), Progress(), lambda: worn.port)
