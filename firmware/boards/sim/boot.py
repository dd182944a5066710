"""What happens before main.py: the file system of the flash comes to the root, as on a board.

Transcribed from ports/esp32/modules/_boot.py and inisetup.py of v1.27.0.
"""

import gc
import json
import os
import sys
import time

import antenna  # noqa: F401
import esp32
import memory
import vfs
import world
from chip import BOARD
from faults import all_of, fault, is_now

_GEOMETRY = {"readsize": 32, "progsize": 32, "lookahead": 32}
_BALLAST = "/ballast"
_patched = []
_CORRUPTED = "The filesystem appears to be corrupted."


def boot(firmware: str) -> None:
    """Mount the flash, lay down what the rig brought, and give `import` the firmware in this folder."""
    _look_on_the_computer(firmware)
    _mount()
    for name, given in (("twitchband.json", "settings"), ("twitchband.keys", "keys")):
        if world.config.get(given) is not None:
            with open("/" + name, "w") as file:
                json.dump(world.config[given], file)
    if all_of("flash_full"):
        world.alarms.append(_fill)
    if all_of("memory"):
        world.alarms.append(_run_out)
    gc.threshold(-1)
    memory.begin()


def _fill(now_us: int) -> None:
    # A file takes the room, or gives it back; if the flash takes nothing, at the next look.
    try:
        _fill_up()
    except OSError:
        pass


def _fill_up() -> None:
    full = fault("flash_full")
    try:
        os.stat(_BALLAST)
        there = True
    except OSError:
        there = False
    if full is None and there:
        os.remove(_BALLAST)
    elif full is not None and not there:
        with open(_BALLAST, "wb") as file:
            while os.statvfs("/")[3] > full.get("blocks", 2):
                file.write(bytes(4096))
                file.flush()


def _run_out(now_us: int) -> None:
    # A module can only be reached once the firmware has loaded it.
    for one in all_of("memory"):
        module, path = one["call"].split(":")
        if one in _patched or module not in sys.modules:
            continue
        _patched.append(one)
        owner = sys.modules[module]
        names = path.split(".")
        for name in names[:-1]:
            owner = getattr(owner, name)
        setattr(owner, names[-1], _failing(getattr(owner, names[-1]), one))


def _failing(call, one):  # type: ignore[no-untyped-def]
    def called(*arguments, **named):  # type: ignore[no-untyped-def]
        if is_now(one):
            count = one["count"] = one.get("count", 0) + 1
            first = one.get("first", 1)
            if first <= count < first + one.get("calls", 1 << 30):
                raise MemoryError("memory allocation failed, allocating 2048 bytes")
        return call(*arguments, **named)

    return called


def _look_on_the_computer(firmware: str) -> None:
    here = os.getcwd()
    roots = [firmware + "/boards/" + BOARD, firmware + "/boards", firmware]
    # `shared` lies beside the firmware. The first two are the simulator's own.
    paths = sys.path[:1] + roots + sys.path[2:] + [firmware + "/.."]
    sys.path[:] = [
        path if path == ".frozen" else world.PC + (path if path[:1] == "/" else here + "/" + path)
        for path in paths
        if path
    ]


def _mount() -> None:
    flash = esp32.Partition.find(esp32.Partition.TYPE_DATA, label="vfs")[0]
    try:
        system = vfs.VfsLfs2(flash, **_GEOMETRY)
    except OSError:
        while not flash.blank:
            print(_CORRUPTED)
            time.sleep(3)
        vfs.VfsLfs2.mkfs(flash, **_GEOMETRY)
        system = vfs.VfsLfs2(flash, **_GEOMETRY)
    vfs.umount("/")
    vfs.mount(system, "/")
    os.chdir("/")
