"""Powers the simulated board on: this folder shadows the modules that an ESP32 has and a computer lacks."""

import sys

_HERE = __file__.rsplit("/", 1)[0]
_FIRMWARE = _HERE + "/../.."
sys.path[:] = [_HERE, _FIRMWARE, _FIRMWARE + "/..", ".frozen"]

import board  # noqa: E402

board.mount()

import main  # noqa: E402,F401
