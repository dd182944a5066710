"""What the wearer may set, kept as JSON beside the log; wrong values fall back one by one."""

import json

# name: (default, least, most)
LIMITS = {
    # Half an hour of a lost link is still only some hundred records behind.
    "rendezvous_s": (600, 60, 3600),
    # A host that scans half the time finds the band in a second or two.
    "listen_s": (15, 5, 120),
    # 64 segments of 32 KiB: three nights of restless sleep.
    "log_kib": (1024, 128, 8192),
    # The cell is empty at 3.0 V; below 3.3 V it falls fast.
    "low_battery_mv": (3300, 3000, 3700),
}
NAME = "Twitchband"


def load(path: str) -> dict:  # type: ignore[type-arg]
    """Settings from `path`; what is missing or out of range takes its default."""
    try:
        with open(path) as file:
            stored = json.load(file)
    except (OSError, ValueError):
        stored = {}
    if not isinstance(stored, dict):
        stored = {}
    settings = {}
    for key, (default, least, most) in LIMITS.items():
        value = stored.get(key)
        settings[key] = value if isinstance(value, int) and least <= value <= most else default
    name = stored.get("name")
    settings["name"] = name if isinstance(name, str) and 0 < len(name.encode()) <= 29 else NAME
    return settings
