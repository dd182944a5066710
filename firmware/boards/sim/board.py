"""The simulated board: what a board's file tells the application."""

import os

import world
from flash import FileFlash
from imu import SimImu

from shared.protocol.kinds import RESET_POWER_ON
from twitchband.imu.fault import SensorFault

CONFIG_PATH = "/flash/twitchband.json"
LOG_ROOT = "/flash/log"
MOUNT = "/flash"
_KEYS_PATH = "/flash/twitchband.keys"

_FULL_MV = 4100
_EMPTY_MV = 3000

_GEOMETRY = {"readsize": 32, "progsize": 32, "lookahead": 32}
_flash = FileFlash(
    world.config["flash"], world.config.get("flash_blocks", 512), world.config.get("cut_after", -1)
)
_imu = SimImu(world.config["samples"], world.config.get("holes", []), world.config.get("times", 1))


def flash() -> FileFlash:
    """The block device of the file system."""
    return _flash


def mount() -> None:
    """Mount the flash; format it the first time, and after that only when what is readable has been saved."""
    import vfs

    try:
        system = vfs.VfsLfs2(_flash, **_GEOMETRY)
    except OSError:
        if not _flash.blank:
            from twitchband.marks import Marks
            from twitchband.rescue import rescue

            rescue(_flash, MOUNT, LOG_ROOT, Marks())
            vfs.umount(MOUNT)
        else:
            vfs.VfsLfs2.mkfs(_flash, **_GEOMETRY)
        system = vfs.VfsLfs2(_flash, **_GEOMETRY)
    vfs.mount(system, MOUNT)
    for path, name in ((CONFIG_PATH, "settings"), (_KEYS_PATH, "keys")):
        given = world.config.get(name)
        if given is not None:
            import json

            with open(path, "w") as file:
                json.dump(given, file)


def imu(gyro: bool = False) -> SimImu:
    """The sensor; its recordings know no rotation, whatever is asked for.

    Raises SensorFault until `found_us`, where the rig says so.
    """
    if world.now_us() < world.config.get("found_us", 0):
        raise SensorFault("No sensor answers")
    return _imu


def hardware_id() -> str:
    """The board's own number."""
    return str(world.config.get("hardware_id", "sim"))


def random_u32() -> int:
    """Thirty-two random bits."""
    return int.from_bytes(os.urandom(4), "little")


def usb_powered() -> bool:
    """Whether the cable gives power."""
    return bool(world.config.get("usb", False))


def button_pressed() -> bool:
    """Whether the button has been pressed since the last call; the rig says when."""
    presses = world.config.get("button_us", [])
    if presses and world.now_us() >= presses[0]:
        presses.pop(0)
        return True
    return False


def button_held() -> bool:
    """Whether the button is down."""
    return bool(world.config.get("button_held", False))


def led(on: bool) -> None:
    """The light; the rig hears of it."""
    if on:
        world.light()


def reset_cause() -> int:
    """Why the board started, a RESET of the records."""
    return int(world.config.get("reset_cause", RESET_POWER_ON))


def battery_mv() -> int:
    """The cell holds as long as the recording lasts, or as long as the rig says."""
    empty_us = world.config.get("empty_us")
    empty = _imu.exhausted if empty_us is None else world.now_us() >= empty_us
    return _EMPTY_MV if empty else _FULL_MV


def temperature_centi_c() -> int:
    """Skin under a blanket, as the sensor says it."""
    return _imu.temperature_centi_c()
