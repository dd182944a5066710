"""What a sensor broadcasts: enough to decide whether to connect, and nothing about the wearer.

Manufacturer data under the company identifier that the Bluetooth SIG leaves unassigned (0xFFFF), beside the
service's UUID: version, state, battery. The number of waiting records is given in four steps, not as a count.
"""

COMPANY = 0xFFFF
VERSION = 1

# State, bits 1:0: what is waiting
NOTHING_WAITS = 0
SOME_WAITS = 1
MUCH_WAITS = 2
URGENT_WAITS = 3
# State, further bits
ADVERTISES_LIVE = 4
ADVERTISES_FAULT = 8
ADVERTISES_BATTERY_LOW = 16

# An hour of a restless night with its waveforms: a session of seconds.
MUCH_RECORDS = 500
BATTERY_UNKNOWN = 255


def waiting(records: int, urgent: bool) -> int:
    """The step for this many records that no host has acknowledged."""
    if urgent:
        return URGENT_WAITS
    if records >= MUCH_RECORDS:
        return MUCH_WAITS
    return SOME_WAITS if records > 0 else NOTHING_WAITS


def pack(state: int, battery_percent: int) -> bytes:
    """The bytes after the company identifier."""
    return bytes((VERSION, state, battery_percent))


def unpack(data: bytes) -> "tuple[int, int] | None":
    """State and battery in per cent (or BATTERY_UNKNOWN); None if the version is unknown.

    A newer version may append bytes.
    """
    if len(data) < 3 or data[0] < VERSION:
        return None
    return data[1], data[2]
