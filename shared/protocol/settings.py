"""The settings of a device other than its detector's parameters: defaults and limits."""

# Version of the rows below and of their meaning; rises if either changes.
VERSION = 2

# (name, default, least, greatest); unit, reason and source: host/twitchwatch/sensor_settings.py
TABLE = (
    ("rendezvous_s", 600, 60, 3600),
    ("listen_s", 15, 10, 120),
    ("log_kib", 1024, 128, 8192),
    ("low_battery_mv", 3300, 3000, 3700),
    ("unsynced_h", 48, 0, 672),
    ("gyroscope", 0, 0, 1),
)

# The only setting that is text.
NAME = "name"
DEFAULT_NAME = "Twitchband"
# What fits into a scan response after its header: Bluetooth Core 5.4, Vol 3 Part C, 11.
MAX_NAME_BYTES = 29


def wrong(name: str, value: object) -> "str | None":
    """Why this setting cannot have the value; None if it can."""
    if name == NAME:
        if isinstance(value, str) and 0 < len(value.encode()) <= MAX_NAME_BYTES:
            return None
        return f"is text of 1 to {MAX_NAME_BYTES} bytes"
    for row in TABLE:
        if row[0] == name:
            # A bool is an int.
            if type(value) is int and row[2] <= value <= row[3]:
                return None
            return f"is a whole number from {row[2]} to {row[3]}"
    return "is not a setting"
