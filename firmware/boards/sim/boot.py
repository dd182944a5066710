"""What happens before main.py: the file system of the flash comes to the root, as on a board.

Transcribed from ports/esp32/modules/_boot.py and inisetup.py of v1.27.0.
"""

import json
import os
import sys
import time

import antenna  # noqa: F401
import esp32
import vfs
import world
from chip import BOARD

_GEOMETRY = {"readsize": 32, "progsize": 32, "lookahead": 32}
_CORRUPTED = "The filesystem appears to be corrupted."


def boot(firmware: str) -> None:
    """Mount the flash, lay down what the rig brought, and give `import` the firmware in this folder."""
    _look_on_the_computer(firmware)
    _mount()
    for name, given in (("twitchband.json", "settings"), ("twitchband.keys", "keys")):
        if world.config.get(given) is not None:
            with open("/" + name, "w") as file:
                json.dump(world.config[given], file)


def _look_on_the_computer(firmware: str) -> None:
    here = os.getcwd()
    roots = [firmware + "/boards/" + BOARD, firmware + "/boards", firmware]
    # In a checkout `shared` lies beside the firmware; elsewhere MICROPYPATH says where.
    # The first two are the simulator's own.
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
