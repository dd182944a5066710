"""Ports, boards, the package and the plan: what is decided before a byte moves."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flash import manifest
from tests.flash.conftest import host_at
from twitchwatch.errors import DeviceError, UsageError
from twitchwatch.flash import Order, Progress, flash
from twitchwatch.flash.board import Connected, boards, choose_board
from twitchwatch.flash.flashing import compare
from twitchwatch.flash.package import File, build, firmware_folder, mpy_version, sources
from twitchwatch.flash.ports import choose_port

FIRMWARE = firmware_folder()
MARCH = {"ESP32C3": "rv32imc", "ESP32S3": "xtensawin", "ESP32": "xtensawin"}
FLASHABLE = {board.name: board for board in boards(FIRMWARE)}


@dataclass
class Port:
    device: str
    vid: int | None = None
    pid: int | None = None


class Desk:
    """Ports that appear as time goes by."""

    def __init__(self, *ports: Port, after_s: float = 0.0) -> None:
        self._ports = ports
        self._after_s = after_s
        self.now_s = 0.0

    def choose(self, wanted: str | None = None, wait_s: float = 0.0) -> str:
        return choose_port(
            wanted,
            wait_s=wait_s,
            list_ports=lambda: self._ports if self.now_s >= self._after_s else (),
            clock_s=lambda: self.now_s,
            sleep_s=self._sleep,
        )

    def _sleep(self, duration_s: float) -> None:
        self.now_s += duration_s


@pytest.fixture
def port(tmp_path: Path) -> Port:
    device = tmp_path / "ttyACM0"
    device.touch()
    return Port(str(device), 0x303A, 0x1001)


def connected(machine: str, mpy: int = 0x0306 | 11 << 10) -> Connected:
    return Connected((1, 29, 0), machine, mpy, "", 1 << 20)


def test_the_only_board_is_taken(port: Port) -> None:
    assert Desk(Port("/dev/ttyS0"), Port("/dev/ttyACM9", 0x046D, 0xC52B), port).choose() == port.device


def test_a_board_that_comes_late(port: Port) -> None:
    desk = Desk(port, after_s=3.0)
    assert desk.choose(wait_s=10.0) == port.device
    assert desk.now_s < 4.0


def test_no_board() -> None:
    with pytest.raises(DeviceError, match=r"No board at any USB port.*reset button"):
        Desk(Port("/dev/ttyS0")).choose(wait_s=5.0)
    with pytest.raises(DeviceError, match=r"There is no port /dev/ttyNONE"):
        Desk().choose("/dev/ttyNONE")


def test_several_boards(port: Port) -> None:
    with pytest.raises(UsageError, match=r"(?s)--port /dev/ttyUSB7 .*CH340.*--port .*ttyACM0 .*Espressif"):
        Desk(port, Port("/dev/ttyUSB7", 0x1A86, 0x7523)).choose()


def test_a_port_that_is_not_there(port: Port) -> None:
    """At once, with the ports that there are; waited for only if asked to."""
    desk = Desk(port, Port("/dev/ttyS0"))
    with pytest.raises(DeviceError, match=r"(?s)no port /dev/ttyNONE.*--port .*ttyACM0 .*Espressif.*--wait"):
        desk.choose("/dev/ttyNONE")
    assert desk.now_s == 0


@pytest.mark.parametrize(
    ("group", "mode", "says"),
    [
        (20, 0o660, r"sudo usermod -aG \w+ \$USER"),
        (0, 0o660, r"No group has access.*sudo chmod"),
        (20, 0o600, r"No group has access.*sudo chmod"),
        (64321, 0o660, r"number 64321"),
    ],
)
def test_only_a_group_that_helps_is_advised(
    port: Port, monkeypatch: pytest.MonkeyPatch, group: int, mode: int, says: str
) -> None:
    """Group 20 is dialout on Debian; root's own is never advised."""
    there = os.stat(port.device)
    monkeypatch.setattr(os, "access", lambda *_: False)
    state = os.stat_result((there.st_mode & ~0o777 | mode, *there[1:5], group, *there[6:10]))
    monkeypatch.setattr(Path, "stat", lambda path, **options: state)
    with pytest.raises(DeviceError, match=f"You may not open .*{says}") as refused:
        Desk(port).choose(port.device)
    assert "usermod -aG root" not in str(refused.value)


@pytest.mark.parametrize(
    ("machine", "name"),
    [
        ("ESP32C3 module with ESP32C3", "xiao_esp32c3"),
        ("Generic ESP32S3 module with ESP32S3", "xiao_esp32s3"),
    ],
)
def test_a_board_is_told_by_its_chip(machine: str, name: str) -> None:
    assert choose_board(connected(machine), None, FIRMWARE).name == name


def test_boards_with_one_chip_have_to_be_named() -> None:
    at = connected("Generic ESP32 module with ESP32")
    with pytest.raises(UsageError, match=r"(?s)--board generic_esp32 .*--board m5stickc_plus2 .*M5StickC"):
        choose_board(at, None, FIRMWARE)
    assert choose_board(at, "m5stickc_plus2", FIRMWARE).name == "m5stickc_plus2"


def test_other_boards(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"(?s)No board is known with the chip of Raspberry.*--board xiao_esp"
    ):
        choose_board(connected("Raspberry Pi Pico with RP2040"), None, FIRMWARE)
    with pytest.raises(DeviceError, match="xiao_esp32s3 has the chip ESP32S3, but ESP32C3"):
        choose_board(connected("ESP32C3 module with ESP32C3"), "xiao_esp32s3", FIRMWARE)
    with pytest.raises(UsageError, match="no board 'sim'"):
        choose_board(connected("ESP32C3 module with ESP32C3"), "sim", FIRMWARE)
    with pytest.raises(UsageError, match="no board 'xiao'"):
        Order(board="xiao").checked()
    with pytest.raises(UsageError, match=r"Cannot read the image .*: No such file"):
        Order(image=tmp_path / "nowhere.bin").checked()
    with pytest.raises(UsageError, match="1 to 29"):
        flash("/dev/null", Order(name="ä" * 15), host_at(tmp_path), Progress(), lambda: "")


@pytest.mark.parametrize(("mpy", "march"), [(2822, "x64"), (0x2B06, "xtensawin"), (0x2F06, "rv32imc")])
def test_the_processor(mpy: int, march: str) -> None:
    at = connected("any", mpy)
    assert at.march == march
    assert at.mpy_version[0] == 6


@pytest.mark.parametrize("name", FLASHABLE)
def test_every_board_compiles(name: str, tmp_path: Path) -> None:
    board = FLASHABLE[name]
    files = build(sources(FIRMWARE, board.folder), MARCH[board.chip], tmp_path)
    assert mpy_version(files) == (6, 3)
    assert sum(file.size for file in files) <= 100 * 1024
    targets = {file.target for file in files}
    assert {"main.py", "board.mpy", "circuit.mpy", "twitchband/imu/lsm6dsox.mpy"} <= targets
    # What holds a board's power goes with it, and with no other.
    assert ("hold.mpy" in targets) == (board.folder / "hold.py").is_file()
    # What only the computer needs stays there.
    assert not targets & {"shared/detector/cpython.mpy", "shared/protocol/sync.mpy"}


def test_the_mip_manifest_is_complete() -> None:
    """Those who prefer `mpremote mip install` get the same files, as sources."""
    assert manifest.PATH.read_text(encoding="utf-8") == manifest.text(), "run: python -m tests.flash.manifest"


def file(target: str, content: str = "new") -> File:
    return File(target, Path(target), content, 100)


FILES = [file("main.py"), file("board.mpy"), file("twitchband/imu/bus.mpy")]


def test_plan_for_a_blank_board() -> None:
    plan = compare(FILES, {})
    assert [part.target for part in plan.copy] == ["board.mpy", "twitchband/imu/bus.mpy", "main.py"]
    assert plan.remove == ()
    assert plan.folders == ("twitchband", "twitchband/imu")
    assert plan.more_bytes == 3 * 4096


def test_plan_takes_main_away_first() -> None:
    plan = compare(FILES, {"main.py": "new", "board.mpy": "old", "twitchband/imu/bus.mpy": "new"})
    assert [part.target for part in plan.copy] == ["board.mpy", "main.py"]
    assert plan.remove == ("main.py",)
    assert plan.more_bytes == 0


def test_plan_for_what_is_up_to_date() -> None:
    there = {part.target: "new" for part in FILES}
    plan = compare(FILES, there)
    assert (plan.copy, plan.remove) == ((), ())
    assert compare(FILES, {**there, "board.py": "any"}).remove == ("board.py",)
