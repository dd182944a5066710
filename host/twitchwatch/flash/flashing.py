"""The sequence of steps.

The board can be flashed again at any time: main.py is removed first and copied last.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from twitchwatch.errors import DeviceError, IntegrityError, UsageError
from twitchwatch.flash import board_scripts
from twitchwatch.flash.board import Board, Connected, NeedsMicroPython, choose_board, connected, named_board
from twitchwatch.flash.cable import Cable
from twitchwatch.flash.image import Image, chip_at, read_image, write_image
from twitchwatch.flash.package import MAIN, File, build, firmware_folder, mpy_version, sources
from twitchwatch.flash.pairing import Host, pair
from twitchwatch.flash.selftest import TAPS, Check, examine, tap
from twitchwatch.flash.versions import dotted, doubt

# firmware/twitchband/config.py: what a Bluetooth scan response has room for.
_NAME_BYTES = 29
# littlefs writes whole blocks.
_BLOCK_BYTES = 4096


@dataclass(frozen=True)
class Flashed:
    """What was done; `image` is the MicroPython image written, `checks` are the self-test's results."""

    port: str
    board: str
    machine: str
    micropython: str
    hardware_id: str
    image: str | None
    copied: tuple[str, ...]
    copied_bytes: int
    kept: int
    removed: tuple[str, ...]
    name: str | None
    key: str
    checks: tuple[Check, ...]

    @property
    def works(self) -> bool:
        """Every part that was tested is good."""
        return all(check.good for check in self.checks)


@dataclass(frozen=True)
class Compared:
    """How a board differs from the package; nothing was changed."""

    port: str
    board: str
    machine: str
    micropython: str
    hardware_id: str
    same: int
    differing: tuple[str, ...]
    missing: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def current(self) -> bool:
        """The board has all of this package, and nothing that would be imported instead."""
        return not (self.differing or self.missing or self.foreign)


@dataclass(frozen=True)
class Plan:
    """The differences between package and board."""

    copy: tuple[File, ...]
    remove: tuple[str, ...]
    folders: tuple[str, ...]
    more_bytes: int

    @property
    def copy_bytes(self) -> int:
        """Bytes to write."""
        return sum(file.size for file in self.copy)


@dataclass(frozen=True)
class Progress:
    """Receives the progress: each step in words, bytes done and in total, a tap's peak in mg."""

    on_step: Callable[[str], None] = lambda step: None
    on_bytes: Callable[[int, int], None] = lambda done, total: None
    on_tap: Callable[[int], None] = lambda peak_mg: None


@dataclass(frozen=True)
class Order:
    """The user's request.

    `board` and `name` as chosen; `image`, MicroPython for a board that has none or too old a one, and with
    `erase` for any; `test`: whether to test the parts; `taps`: whether somebody is there to tap the ring.
    """

    board: str | None = None
    name: str | None = None
    image: Path | None = None
    erase: bool = False
    test: bool = True
    taps: bool = False

    def checked(self) -> Image | None:
        """The image, checked. Raises UsageError for a request that is impossible, before a port is opened."""
        if self.name is not None and not 0 < len(self.name.encode()) <= _NAME_BYTES:
            length = len(self.name.encode())
            raise UsageError(
                f"The name {self.name!r} is {length} bytes long; it must have 1 to {_NAME_BYTES}."
            )
        if self.erase and self.image is None:
            raise UsageError("--erase removes MicroPython too: specify the image to write with --image FILE.")
        if self.board is not None:
            named_board(self.board, firmware_folder())
        # A file that is not an image shall not cost the board what is on it.
        return None if self.image is None else read_image(self.image)


def flash(port: str, order: Order, host: Host, progress: Progress, await_port: Callable[[], str]) -> Flashed:
    """Put the firmware on the board at `port`, and give it a key shared with this computer.

    `await_port` returns the port at which the board reappears after MicroPython was written. Raises
    DeviceError, ConfigurationError, UsageError and IntegrityError, each with what to do; afterwards the
    same call can be made again. A part that fails the self-test is not an error: see `Flashed.works`.
    """
    image = order.checked()
    name = order.name
    port, at, written = _with_micropython(port, image, order.erase, progress, await_port)
    cable = Cable(port, progress.on_step)
    if words := doubt(at.chip, at.version):
        progress.on_step(words)
    chosen = choose_board(at, order.board, firmware_folder())
    with tempfile.TemporaryDirectory(prefix="twitchwatch-flash-") as folder:
        files = _built(at, chosen, Path(folder), progress)
        progress.on_step("Comparing what is on the board")
        plan = compare(files, _hashed(cable, files, _names(files), progress))
        if plan.more_bytes > at.free_bytes:
            raise DeviceError(
                f"{plan.more_bytes} bytes do not fit into the {at.free_bytes} free bytes on the board. "
                "Delete files of your own from it (`mpremote ls`, `mpremote rm`)."
            )
        _carry_out(plan, files, cable, progress)
    if name is not None:
        progress.on_step(f"Naming it {name}")
        cable.ask(board_scripts.set_name(chosen.config_path, name))
    progress.on_step("Sharing a key")
    key = pair(cable, host)
    checks = examine(cable, progress.on_step) if order.test else []
    if order.taps and checks and checks[0].good:
        progress.on_step(f"Tap the ring {TAPS} times, a second apart")
        checks.append(tap(cable, progress.on_tap))
    progress.on_step("Starting the board")
    cable.reset()
    return Flashed(
        port=port,
        board=chosen.name,
        machine=at.machine,
        micropython=dotted(at.version),
        hardware_id=at.hardware_id,
        image=written,
        copied=tuple(file.target for file in plan.copy),
        copied_bytes=plan.copy_bytes,
        kept=len(files) - len(plan.copy),
        removed=tuple(path for path in plan.remove if path != MAIN),
        name=name,
        key=key.value,
        checks=tuple(checks),
    )


def check(port: str, board: str | None, progress: Progress) -> Compared:
    """Compare the board at `port` with this package by SHA-256, and change nothing. Raises as `flash`."""
    if board is not None:
        named_board(board, firmware_folder())
    cable = Cable(port, progress.on_step)
    at = connected(cable.ask(board_scripts.IDENTIFY))
    chosen = choose_board(at, board, firmware_folder())
    with tempfile.TemporaryDirectory(prefix="twitchwatch-flash-") as folder:
        files = _built(at, chosen, Path(folder), progress)
    progress.on_step("Comparing what is on the board")
    there = _hashed(cable, files, _names(files), progress)
    # Asking has ended the application: it goes on.
    progress.on_step("Starting the board")
    cable.reset()
    wanted = {file.target: file.sha256 for file in files}
    return Compared(
        port=port,
        board=chosen.name,
        machine=at.machine,
        micropython=dotted(at.version),
        hardware_id=at.hardware_id,
        same=sum(there.get(target) == digest for target, digest in wanted.items()),
        differing=tuple(path for path in wanted if path in there and there[path] != wanted[path]),
        missing=tuple(path for path in wanted if path not in there),
        foreign=tuple(path for path in there if path not in wanted),
    )


def tap_test(port: str, progress: Progress) -> Check:
    """Wait for taps on the ring at `port`, and restart it. Raises DeviceError."""
    cable = Cable(port, progress.on_step)
    progress.on_step(f"Tap the ring {TAPS} times, a second apart")
    felt = tap(cable, progress.on_tap)
    cable.reset()
    return felt


def _with_micropython(
    port: str, image: Image | None, erase: bool, progress: Progress, await_port: Callable[[], str]
) -> tuple[str, Connected, str | None]:
    """The board's port, what is connected there, and the image that had to be written."""
    try:
        if not erase:
            at = connected(Cable(port, progress.on_step).ask(board_scripts.IDENTIFY))
            progress.on_step(f"Found {at.machine} ({at.march})")
            return port, at, None
    except NeedsMicroPython as error:
        if image is None:
            progress.on_step("Asking the boot loader which chip it is")
            raise NeedsMicroPython(error.what, error.chip or chip_at(port)) from None
    assert image is not None
    write_image(port, image, progress.on_step, progress.on_bytes)
    progress.on_step("Waiting for MicroPython")
    port = await_port()
    at = connected(Cable(port, progress.on_step).ask(board_scripts.IDENTIFY))
    return port, at, image.path.name


def _built(at: Connected, chosen: Board, folder: Path, progress: Progress) -> list[File]:
    progress.on_step(f"Building for {chosen.name} ({at.march})")
    files = build(sources(firmware_folder(), chosen.folder), at.march, folder)
    if mpy_version(files) != at.mpy_version:
        ours, theirs = (f"{v}.{sub}" for v, sub in (mpy_version(files), at.mpy_version))
        raise DeviceError(
            f"MicroPython {dotted(at.version)} on the board loads machine code of version {theirs}, but ours "
            f"is {ours}: install the latest versions of twitchwatch and MicroPython."
        )
    return files


def compare(files: Sequence[File], there: Mapping[str, str]) -> Plan:
    """What to copy (main.py last), what to remove, which folders to make; `there`: path -> SHA-256.

    It removes files that MicroPython would import instead of ours (x.py before x.mpy), anything else in our
    folders, and main.py until everything that it needs has been copied.
    """
    wanted = {file.target: file for file in files}
    differing = [file for file in files if there.get(file.target) != file.sha256]
    if any(file.target != MAIN for file in differing):
        differing = [file for file in differing if file.target != MAIN] + [wanted[MAIN]]
    remove = [path for path in there if path not in wanted]
    if wanted[MAIN] in differing and MAIN in there:
        remove.insert(0, MAIN)
    folders = {
        str(parent) for file in files for parent in PurePosixPath(file.target).parents if str(parent) != "."
    }
    more_bytes = sum(_blocks(file.size) for file in files if file.target not in there)
    return Plan(tuple(differing), tuple(remove), tuple(sorted(folders)), more_bytes)


def _blocks(size: int) -> int:
    return -(-size // _BLOCK_BYTES) * _BLOCK_BYTES


def _names(files: Sequence[File]) -> list[str]:
    """Where our files can be: our folders, our files in the root, and those imported instead of ours."""
    names = set()
    for file in files:
        first = PurePosixPath(file.target).parts[0]
        names.add(first)
        if first.endswith(".mpy"):
            names.add(f"{Path(first).stem}.py")
    return sorted(names)


def _carry_out(
    plan: Plan,
    files: Sequence[File],
    cable: Cable,
    progress: Progress,
) -> None:
    if not plan.copy and not plan.remove:
        return
    cable.ask(board_scripts.prepare(plan.remove, plan.folders))
    total = plan.copy_bytes
    done = 0

    def begun(file: File) -> None:
        nonlocal done
        progress.on_step(f"Copying {file.target}")
        progress.on_bytes(done, total)
        done += file.size

    parts = [file for file in plan.copy if file.target != MAIN]
    if parts:
        cable.copy(parts, begun)
        progress.on_step("Checking what was copied")
        _check(parts, cable, progress)
    main = [file for file in plan.copy if file.target == MAIN]
    if main:
        cable.copy(main, begun)
    progress.on_bytes(total, total)
    progress.on_step("Checking every file")
    _check(files, cable, progress)


def _hashed(cable: Cable, files: Sequence[File], names: Sequence[str], progress: Progress) -> dict[str, str]:
    """Path and SHA-256 of what is on the board under `names`; reports each file as the board hashes it."""
    found: dict[str, str] = {}
    sizes = {file.target: file.size for file in files}
    total = sum(sizes.values())
    done = 0

    def hashed(answer: Mapping[str, Any]) -> None:
        nonlocal done
        found[str(answer["path"])] = str(answer["sha256"])
        done += sizes.get(str(answer["path"]), 0)
        progress.on_bytes(done, total)

    cable.listen(board_scripts.list_files(names), hashed)
    return found


def _check(files: Sequence[File], cable: Cable, progress: Progress) -> None:
    there = _hashed(cable, files, [file.target for file in files], progress)
    wrong = [file.target for file in files if there.get(file.target) != file.sha256]
    if wrong:
        raise IntegrityError(
            f"On the board {', '.join(wrong)} differs from what was sent. Run this again; if that does not "
            "help, the board's flash is worn out or its supply is weak."
        )
