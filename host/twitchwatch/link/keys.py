"""The keys shared by this computer and its sensors, generated when they are paired over the cable."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from zlib import crc32

from twitchwatch.errors import ConfigurationError
from twitchwatch.shared.protocol.keys import KEY_BYTES

# On the device, beside its settings. Its paired hosts: {host_id in 16 hex digits: key in 32}.
DEVICE_PATH = "/twitchband.keys"
# As many as a device can hold; see firmware/twitchband/hosts.py.
MAX_HOSTS = 4
# Keys kept per device until one is confirmed; tolerates up to seven interrupted pairings.
MAX_KEYS = 8
# The name of the checksum among the hardware ids; a file of version 0.2 has none.
_CHECKSUM = "checksum"


class Keys:
    """The key file: JSON, {hardware id: [key in hex, ...]}, readable only by its owner, with a checksum.

    A device may temporarily have several keys: from the generation of a new one until it has proved it.
    Every method raises ConfigurationError if the file can be neither read nor written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def beside(cls, database: Path) -> Keys:
        """The keys in the folder of the database."""
        return cls(database.with_name("keys.json"))

    def load(self) -> dict[str, list[bytes]]:
        """All keys by hardware id, the newest first; none if there is no file yet."""
        try:
            stored = json.loads(self.path.read_text("ascii"))
            checksum = stored.pop(_CHECKSUM, None)
            if checksum is not None and [int(text, 16) for text in checksum] != [_checksum(stored)]:
                raise ValueError("its checksum differs")
            return {str(hardware_id): [_key(text) for text in texts] for hardware_id, texts in stored.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ConfigurationError(
                f"The key file {self.path} cannot be read: {error}. Replace it with a backup, or delete it "
                "and pair your sensors again by cable (`twitchwatch sensors rekey`)."
            ) from error

    def make(self, hardware_id: str) -> bytes:
        """A new key for this device, on disk before it is sent; the older one stays until `proved`."""
        keys = self.load()
        key = secrets.token_bytes(KEY_BYTES)
        held = keys.get(hardware_id, [])
        # The oldest is the last confirmed one; any of the others may have arrived.
        keys[hardware_id] = [key, *held[: MAX_KEYS - 2], *held[MAX_KEYS - 2 :][-1:]]
        self._write(keys)
        return key

    def proved(self, hardware_id: str, key: bytes) -> None:
        """Record that the device has proved this key; all others are obsolete."""
        keys = self.load()
        if key in keys.get(hardware_id, []) and keys[hardware_id] != [key]:
            keys[hardware_id] = [key]
            self._write(keys)

    def forget(self, hardware_id: str) -> bool:
        """Delete this device's keys; False if there were none."""
        keys = self.load()
        if keys.pop(hardware_id, None) is None:
            return False
        self._write(keys)
        return True

    def _write(self, keys: Mapping[str, list[bytes]]) -> None:
        stored = {hardware_id: [key.hex() for key in held] for hardware_id, held in keys.items()}
        text = json.dumps({_CHECKSUM: [f"{_checksum(stored):08x}"], **stored}, indent=1)
        half = self.path.with_name(self.path.name + ".part")
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            half.unlink(missing_ok=True)
            descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            os.replace(half, self.path)
        except OSError as error:
            raise ConfigurationError(
                f"The key file {self.path} cannot be written: {error}. Check the folder's owner, permissions "
                "and free space."
            ) from error


def with_host(stored: str, host_id: int, key: bytes) -> str:
    """The text for DEVICE_PATH: the keys that the device has `stored` (or none), and this host's key.

    The newest host comes first; if the device is full, the oldest is dropped.
    """
    try:
        known = json.loads(stored)
    except ValueError:
        known = {}
    if not isinstance(known, dict):
        known = {}
    own = f"{host_id:016x}"
    others = [(name, text) for name, text in known.items() if name != own]
    return json.dumps(dict([(own, key.hex()), *others][:MAX_HOSTS]))


def _checksum(stored: Mapping[str, object]) -> int:
    return crc32(json.dumps(stored, sort_keys=True).encode("ascii"))


def _key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key of {len(key)} bytes, not {KEY_BYTES}")
    return key
