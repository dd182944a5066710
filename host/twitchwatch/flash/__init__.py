"""Puts the firmware on a board: builds it for the board's processor, copies what differs, checks it."""

from twitchwatch.flash.flashing import Flashed, flash
from twitchwatch.flash.ports import choose_port

__all__ = ["Flashed", "choose_port", "flash"]
