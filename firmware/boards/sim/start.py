"""Powers the simulated board on: this folder shadows the modules that an ESP32 has and a computer lacks."""

import gc
import sys

# What lives long stays together, and leaves the firmware the room that a board has.
gc.threshold(8192)
_HERE = __file__.rsplit("/", 1)[0]
sys.path[:0] = [_HERE, _HERE + "/../.."]

from boot import boot  # noqa: E402

boot(_HERE + "/../..")

import main  # noqa: E402,F401
