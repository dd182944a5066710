"""Run first by MicroPython's Unix port: makes it look like a board. Then boot.py and main.py, as on a board.

Environment: BOARD_FLASH, the file that is its flash; BOARD_RAW=1 where a host holds the raw REPL, in which
main.py is not started; BOARD_SAYS, what it shall report about itself instead of the truth (JSON);
BOARD_SLOW_MS, how long it takes to start.
"""

import json
import os
import sys
import time

import machine as unix_machine
import vfs

# Nothing more of that folder: it has modules that shadow those above.
sys.path[:] = [sys.argv[1]]
from flash import FileFlash  # noqa: E402

sys.path[:] = ["", ".frozen", "/lib"]
HARD_RESET = 77


class Machine:
    """The board's `machine`."""

    def reset(self):
        sys.exit(HARD_RESET)

    def unique_id(self):
        return b"\x24\x0a\xc4\x00\x00\x01"

    def reset_cause(self):
        return 1

    def lightsleep(self, ms):
        time.sleep_ms(ms)

    def WDT(self, timeout):  # noqa: N802
        return self

    def feed(self):
        pass

    def __getattr__(self, name):
        return getattr(unix_machine, name)


class Storage:
    """The board's `esp32`, with an NVS that forgets."""

    def __init__(self):
        self._kept = {}

    def NVS(self, namespace):  # noqa: N802
        return self

    def get_i32(self, key):
        try:
            return self._kept[key]
        except KeyError:
            raise OSError(-0x1102) from None

    def get_blob(self, key, buffer):
        raise OSError(-0x1102)

    def set_i32(self, key, value):
        self._kept[key] = value

    def commit(self):
        pass

    set_blob = set_i32


class Radio:
    """A `bluetooth` without any peer."""

    FLAG_READ = FLAG_WRITE = FLAG_WRITE_NO_RESPONSE = FLAG_NOTIFY = 0

    def UUID(self, value):  # noqa: N802
        return bytes(16)

    def BLE(self):  # noqa: N802
        return self

    def gatts_register_services(self, services):
        return tuple([tuple(range(len(characteristics))) for _, characteristics in services])

    def config(self, *names, **values):
        return (0, b"\x24\x0a\xc4\x00\x00\x02") if names == ("mac",) else None

    def __getattr__(self, name):
        return lambda *arguments, **options: None


class Implementation:
    def __init__(self, words):
        true = sys.implementation
        self.name = words.get("name", true.name)
        self.version = tuple(words.get("version", true.version[:3]))
        self._machine = words.get("machine", true._machine)
        self._mpy = words.get("mpy", true._mpy)


class Sys:
    """`sys`, except for what the board reports about itself."""

    def __init__(self, words):
        self.implementation = Implementation(words)

    def __getattr__(self, name):
        return getattr(sys, name)


def mount():
    device = FileFlash(os.getenv("BOARD_FLASH"), 512)
    geometry = {"readsize": 32, "progsize": 32, "lookahead": 32}
    try:
        system = vfs.VfsLfs2(device, **geometry)
    except OSError:
        vfs.VfsLfs2.mkfs(device, **geometry)
        system = vfs.VfsLfs2(device, **geometry)
    vfs.umount("/")
    vfs.mount(system, "/")
    os.chdir("/")


def start(name):
    try:
        os.stat(name)
    except OSError:
        return
    try:
        with open(name) as file:
            exec(file.read(), {"__name__": "__main__"})
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001
        sys.print_exception(error)


sys.modules["machine"] = Machine()
sys.modules["bluetooth"] = Radio()
sys.modules["esp32"] = Storage()
says = os.getenv("BOARD_SAYS")
if says:
    sys.modules["sys"] = Sys(json.loads(says))
mount()
time.sleep_ms(int(os.getenv("BOARD_SLOW_MS")))
print("booted")
start("boot.py")
if os.getenv("BOARD_RAW") != "1":
    start("main.py")
