"""The order of things. At every moment the board can be flashed again: main.py goes first and comes last."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from twitchwatch.errors import DeviceError, IntegrityError, UsageError
from twitchwatch.flash import errands
from twitchwatch.flash.board import choose_board, connected, dotted
from twitchwatch.flash.cable import Cable
from twitchwatch.flash.package import MAIN, File, build, firmware_folder, mpy_version, sources

# firmware/twitchband/config.py: what a Bluetooth scan response has room for.
_NAME_BYTES = 29
# littlefs writes whole blocks.
_BLOCK_BYTES = 4096


@dataclass(frozen=True)
class Flashed:
    """What was done."""

    port: str
    board: str
    machine: str
    micropython: str
    hardware_id: str
    copied: tuple[str, ...]
    copied_bytes: int
    kept: int
    removed: tuple[str, ...]
    name: str | None


@dataclass(frozen=True)
class Plan:
    """What differs between package and board."""

    copy: tuple[File, ...]
    remove: tuple[str, ...]
    folders: tuple[str, ...]
    more_bytes: int

    @property
    def copy_bytes(self) -> int:
        """Bytes to write."""
        return sum(file.size for file in self.copy)


def flash(
    port: str,
    *,
    board: str | None = None,
    name: str | None = None,
    on_step: Callable[[str], None] = lambda step: None,
    on_bytes: Callable[[int, int], None] = lambda done, total: None,
) -> Flashed:
    """Put the firmware on the board at `port`; `board` and `name` as chosen by the user.

    `on_step` hears in words what begins, `on_bytes` bytes copied and bytes in all. Raises DeviceError,
    ConfigurationError, UsageError and IntegrityError, each with what to do; afterwards the same call can
    be made again.
    """
    if name is not None and not 0 < len(name.encode()) <= _NAME_BYTES:
        raise UsageError(f"The name {name!r} is {len(name.encode())} bytes long; 1 to {_NAME_BYTES} fit.")
    firmware = firmware_folder()
    cable = Cable(port)
    on_step(f"Asking {port}")
    at = connected(cable.ask(errands.IDENTIFY))
    chosen = choose_board(at, board, firmware)
    with tempfile.TemporaryDirectory(prefix="twitchwatch-flash-") as folder:
        on_step(f"Building for {chosen.name} ({at.march})")
        files = build(sources(firmware, chosen.folder), at.march, Path(folder))
        if mpy_version(files) != at.mpy_version:
            ours, theirs = (f"{v}.{sub}" for v, sub in (mpy_version(files), at.mpy_version))
            raise DeviceError(
                f"MicroPython {dotted(at.version)} on the board loads machine code of version {theirs}, "
                f"ours is {ours}: install twitchwatch and MicroPython anew, each in its latest version."
            )
        on_step("Comparing")
        plan = compare(files, cable.ask(errands.list_files(_names(files))))
        if plan.more_bytes > at.free_bytes:
            raise DeviceError(
                f"{plan.more_bytes} bytes do not fit into the {at.free_bytes} that are free on the board. "
                "Delete files of your own from it (`mpremote ls`, `mpremote rm`)."
            )
        _carry_out(plan, files, cable, on_step, on_bytes)
        if name is not None:
            on_step(f"Naming it {name}")
            cable.ask(errands.set_name(chosen.config_path, name))
    on_step("Starting the board")
    cable.reset()
    return Flashed(
        port=port,
        board=chosen.name,
        machine=at.machine,
        micropython=dotted(at.version),
        hardware_id=at.hardware_id,
        copied=tuple(file.target for file in plan.copy),
        copied_bytes=plan.copy_bytes,
        kept=len(files) - len(plan.copy),
        removed=tuple(path for path in plan.remove if path != MAIN),
        name=name,
    )


def compare(files: Sequence[File], there: Mapping[str, str]) -> Plan:
    """What to copy (main.py last), what to remove, which folders to make; `there`: path -> SHA-256.

    Removed is what MicroPython would find instead of ours (x.py before x.mpy), whatever else lies in our
    folders, and main.py as long as anything it needs is on its way.
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
    """Where our files can lie: our folders, our files in the root, and those that would be found instead."""
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
    on_step: Callable[[str], None],
    on_bytes: Callable[[int, int], None],
) -> None:
    if not plan.copy and not plan.remove:
        return
    cable.ask(errands.prepare(plan.remove, plan.folders))
    total = plan.copy_bytes
    done = 0

    def begun(file: File) -> None:
        nonlocal done
        on_step(f"Copying {file.target}")
        on_bytes(done, total)
        done += file.size

    parts = [file for file in plan.copy if file.target != MAIN]
    if parts:
        cable.copy(parts, begun)
        _check(parts, cable)
    main = [file for file in plan.copy if file.target == MAIN]
    if main:
        cable.copy(main, begun)
    on_bytes(total, total)
    on_step("Checking")
    _check(files, cable)


def _check(files: Sequence[File], cable: Cable) -> None:
    there = cable.ask(errands.list_files([file.target for file in files]))
    wrong = [file.target for file in files if there.get(file.target) != file.sha256]
    if wrong:
        raise IntegrityError(
            f"On the board {', '.join(wrong)} differs from what was sent. Run this again; if it stays so, "
            "the board's flash is worn out or its supply is weak."
        )
