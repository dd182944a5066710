"""Names and services, as a program declares them to `bluetooth`, and as they go over the wire to the rig."""

import struct


class UUID(bytes):
    """16, 32 or 128 bits, from an int, a dashed string, or little-endian bytes."""

    def __init__(self, value):
        if isinstance(value, int):
            if not 0 <= value <= 0xFFFF:
                raise ValueError("invalid UUID")
            value = struct.pack("<H", value)
        elif isinstance(value, str):
            value = bytes(reversed(bytes.fromhex(value.replace("-", ""))))
            if len(value) != 16:
                raise ValueError("invalid UUID")
        elif len(value) not in (2, 4, 16):
            raise ValueError("invalid UUID")
        super().__init__(value)

    def __hash__(self):
        return hash(bytes(self))

    def __repr__(self):
        text = bytes(reversed(bytes(self))).hex()
        if len(text) < 32:
            return "UUID(0x" + text + ")"
        return "UUID('" + "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])) + "')"


def declaration(services):
    """Services with their characteristics and descriptors, as the rig reads them. Raises ValueError."""
    parts = [bytes([len(services)])]
    for uuid, characteristics in services:
        parts.append(_named(uuid) + bytes([len(characteristics)]))
        for characteristic in characteristics:
            descriptors = characteristic[2] if len(characteristic) > 2 else ()
            parts.append(_flagged(characteristic) + bytes([len(descriptors)]))
            for descriptor in descriptors:
                parts.append(_flagged(descriptor))
    return b"".join(parts)


def _flagged(declared):
    return _named(declared[0]) + struct.pack("<H", declared[1])


def _named(uuid):
    if not isinstance(uuid, UUID):
        raise ValueError("invalid UUID")
    return bytes([len(bytes(uuid))]) + bytes(uuid)
