"""The wearer's settings, of device and detector, kept as JSON; invalid values fall back one by one.

A file whose checksum differs counts as absent: littlefs has none over a file's content, and one flipped bit
makes another valid number. A file from an earlier version, or written over the cable, has no checksum, and is
accepted.
"""

import json
import os
from binascii import crc32

from shared.detector import parameters
from shared.protocol import settings as device

# name: (default, least, most)
LIMITS = {row[0]: (row[1], row[2], row[3]) for row in device.TABLE}
NAME = device.DEFAULT_NAME
_PARAMETERS = parameters.NAMES
_CHECKSUM = "checksum"
# In words for the status record, until something is set again.
fault = ""


def load(path: str) -> dict:  # type: ignore[type-arg]
    """Settings from `path`; values missing or out of range take their defaults."""
    stored = _stored(path)
    settings = {key: limits[0] for key, limits in LIMITS.items()}
    settings["name"] = NAME
    for key in settings:
        if key in stored and _wrong(key, stored[key]) is None:
            settings[key] = stored[key]
    return settings


def load_parameters(path: str) -> "dict[str, int]":
    """Parameters of the detector that were changed; invalid or unknown ones are ignored."""
    stored = _stored(path)
    changed = {}
    for name in _PARAMETERS:
        if name in stored and _wrong(name, stored[name]) is None:
            changed[name] = stored[name]
    return changed


def store(path: str, changes: dict) -> dict:  # type: ignore[type-arg]
    """Change settings on flash, all or none of them, and return all that are in force now.

    A value of None restores the default. Raises ValueError(key, words) if a key is unknown or a value is
    wrong, and OSError if the flash rejects it; the old settings then stay.
    """
    global fault
    stored = _stored(path)
    for key, value in changes.items():
        if value is None:
            stored.pop(key, None)
            continue
        words = _wrong(key, value)
        if words is not None:
            raise ValueError(key, words)
        stored[key] = value
    # littlefs renames in one commit: after a power cut the old settings are there or the new ones.
    stored[_CHECKSUM] = _checksum(stored)
    with open(path + ".new", "w") as file:
        json.dump(stored, file)
    os.rename(path + ".new", path)
    fault = ""
    return load(path)


def _stored(path: str) -> dict:  # type: ignore[type-arg]
    global fault
    try:
        with open(path) as file:
            stored = json.load(file)
        if stored.pop(_CHECKSUM, None) in (None, _checksum(stored)):
            return stored  # type: ignore[no-any-return]
    except OSError:
        return {}
    except (ValueError, TypeError, AttributeError, RuntimeError, MemoryError):
        pass
    fault = "The settings are damaged: defaults used"
    return {}


def _checksum(stored: dict) -> int:  # type: ignore[type-arg]
    # A dict has no order of its own in MicroPython.
    return crc32(repr(sorted(stored.items())).encode())


def _wrong(key: str, value) -> "str | None":  # type: ignore[no-untyped-def]
    return parameters.wrong(key, value) if key in _PARAMETERS else device.wrong(key, value)
