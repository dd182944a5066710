"""What the wearer may set, kept as JSON beside the log; wrong values fall back one by one."""

import json
import os

# name: (default, least, most)
LIMITS = {
    # Half an hour of a lost link is still only some hundred records behind.
    "rendezvous_s": (600, 60, 3600),
    # A host that scans half the time finds the band in a second or two.
    "listen_s": (15, 5, 120),
    # 32 segments of 32 KiB: four weeks of nights, the waveforms of the first.
    "log_kib": (1024, 128, 8192),
    # The cell is empty at 3.0 V; below 3.3 V it falls fast.
    "low_battery_mv": (3300, 3000, 3700),
    # Two nights that no computer has fetched: the light says so. 0: never.
    "unsynced_h": (48, 0, 672),
}
NAME = "Twitchband"
# What fits a scan response.
MOST_NAME_BYTES = 29


def load(path: str) -> dict:  # type: ignore[type-arg]
    """Settings from `path`; what is missing or out of range takes its default."""
    stored = _stored(path)
    settings = {key: limits[0] for key, limits in LIMITS.items()}
    settings["name"] = NAME
    for key in settings:
        if key in stored and _wrong(key, stored[key]) is None:
            settings[key] = stored[key]
    return settings


def store(path: str, changes: dict) -> dict:  # type: ignore[type-arg]
    """Change settings on flash, all or none of them, and return all that hold now.

    A value of None goes back to the default. Raises ValueError(key, words) where a key is unknown or a value
    is wrong, and OSError where the flash does not take it; the old settings then stay.
    """
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
    with open(path + ".new", "w") as file:
        json.dump(stored, file)
    os.rename(path + ".new", path)
    return load(path)


def _stored(path: str) -> dict:  # type: ignore[type-arg]
    try:
        with open(path) as file:
            stored = json.load(file)
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


def _wrong(key: str, value) -> "str | None":  # type: ignore[no-untyped-def]
    if key == "name":
        if isinstance(value, str) and 0 < len(value.encode()) <= MOST_NAME_BYTES:
            return None
        return f"is text of 1 to {MOST_NAME_BYTES} bytes"
    if key not in LIMITS:
        return "is no setting"
    _, least, most = LIMITS[key]
    # A bool is an int.
    if type(value) is int and least <= value <= most:
        return None
    return f"is a whole number from {least} to {most}"
