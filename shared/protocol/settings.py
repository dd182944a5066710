"""What may be set on a device besides its detector's parameters: value, limits, unit, reason, source."""

# Of the rows below and of what they mean; rises when either changes.
VERSION = 1

# (name, default, least, greatest, unit, reason, source)
TABLE = (
    ("rendezvous_s", 600, 60, 3600, "s",
     "from one meeting to the next; half an hour of a lost link is still only some hundred records behind",
     "power model, hardware/bom.md"),
    ("listen_s", 15, 5, 120, "s",
     "how long the radio stays open; a host that scans half the time finds the band in a second or two",
     "bench/air; advertising interval in firmware/twitchband/radio.py"),
    ("log_kib", 1024, 128, 8192, "KiB",
     "flash for records; 32 segments of 32 KiB: four weeks of nights, the waveforms of the first",
     "record sizes, shared/protocol/protocol.md"),
    ("low_battery_mv", 3300, 3000, 3700, "mV",
     "the cell is empty at 3.0 V; below 3.3 V it falls fast",
     "discharge curves of lithium-polymer cells, hardware/bom.md"),
    ("unsynced_h", 48, 0, 672, "h",
     "two nights that no computer has fetched: the light says so; 0: never",
     "one missed night may be an evening out"),
)  # fmt: skip

# The one setting that is text.
NAME = "name"
DEFAULT_NAME = "Twitchband"
# What fits a scan response beside its head: Bluetooth Core 5.4, Vol 3 Part C, 11.
MOST_NAME_BYTES = 29


def wrong(name: str, value: object) -> "str | None":
    """What to say of a value that this setting cannot have; None where it can."""
    if name == NAME:
        if isinstance(value, str) and 0 < len(value.encode()) <= MOST_NAME_BYTES:
            return None
        return f"is text of 1 to {MOST_NAME_BYTES} bytes"
    for row in TABLE:
        if row[0] == name:
            # A bool is an int.
            if type(value) is int and row[2] <= value <= row[3]:
                return None
            return f"is a whole number from {row[2]} to {row[3]}"
    return "is no setting"
