"""Powers the simulated board on: this folder shadows the modules that an ESP32 has and a computer lacks."""

import sys

_HERE = __file__.rsplit("/", 1)[0]
_FIRMWARE = _HERE + "/../.."
# In a checkout `shared` lies beside the firmware; elsewhere MICROPYPATH says where.
sys.path[:0] = [_HERE, _FIRMWARE, _FIRMWARE + "/.."]

import board  # noqa: E402

board.mount()

import main  # noqa: E402,F401
