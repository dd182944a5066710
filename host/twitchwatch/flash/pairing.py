"""The key that a sensor and this computer share, which is sent over the cable only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from twitchwatch.errors import DeviceError, IntegrityError
from twitchwatch.flash import board_scripts
from twitchwatch.flash.cable import Cable
from twitchwatch.link.host_identity import host_id
from twitchwatch.link.keys import DEVICE_PATH, Keys, with_host


@dataclass(frozen=True)
class Host:
    """The computer that flashes: its keys and its number."""

    keys: Keys
    id: int

    @classmethod
    def beside(cls, database: Path) -> Host:
        """The one that runs this, with the keys in the folder of the database. Raises ConfigurationError."""
        return cls(Keys.beside(database), host_id(database.with_name("host-id")))


class Key(Enum):
    """What was done with the key."""

    KEPT = "kept"
    MADE = "made"
    RENEWED = "renewed"


def pair(cable: Cable, host: Host, *, renew: bool = False) -> Key:
    """Give the sensor on the cable and this computer a shared key; with `renew`, a new one.

    The key is on this computer's disk before the sensor receives it, and after any power cut the sensor's
    file is either the old or the new one, so it never has a key that no computer has. Keys of other
    computers stay. Raises DeviceError; ConfigurationError if the key file cannot be written; IntegrityError
    if the sensor does not have what was sent.
    """
    there = cable.ask(board_scripts.read_keys(DEVICE_PATH))
    hardware_id, stored = str(there["hardware_id"]), str(there["text"])
    held = _held(stored, host.id)
    if held is not None and held in host.keys.load().get(hardware_id, []) and not renew:
        return Key.KEPT
    wanted = with_host(stored, host.id, host.keys.make(hardware_id))
    answer = cable.ask(board_scripts.replace_file(DEVICE_PATH, wanted))
    if answer["text"] != wanted:
        raise IntegrityError("The ring did not store its new key. Run this again.")
    return Key.MADE if held is None else Key.RENEWED


def rekey(port: str, host: Host, hardware_id: str | None) -> str:
    """Give the sensor at `port` a new key, and restart it; returns its hardware id.

    Raises DeviceError if a sensor other than `hardware_id` is connected (nothing is changed), and as `pair`.
    """
    cable = Cable(port)
    there = str(cable.ask(board_scripts.read_keys(DEVICE_PATH))["hardware_id"])
    if hardware_id in (None, there):
        pair(cable, host, renew=True)
    # Asking has ended the application: it goes on.
    cable.reset()
    if hardware_id not in (None, there):
        raise DeviceError(f"The ring at {port} is {there}, not {hardware_id}: nothing was changed.")
    return there


def _held(stored: str, host_id: int) -> bytes | None:
    try:
        return bytes.fromhex(json.loads(stored)[f"{host_id:016x}"])
    except (ValueError, KeyError, TypeError):
        return None
