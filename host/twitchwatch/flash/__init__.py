"""Puts the firmware on a board: MicroPython if missing, the files that differ, and a test of every part."""

from twitchwatch.flash.flashing import Compared, Flashed, Order, Progress, check, flash, tap_test
from twitchwatch.flash.pairing import Host, rekey
from twitchwatch.flash.ports import choose_port

__all__ = [
    "Compared",
    "Flashed",
    "Host",
    "Order",
    "Progress",
    "check",
    "choose_port",
    "flash",
    "rekey",
    "tap_test",
]
