"""The stream on a cable that a Python prompt shares: what the host sends holds no Ctrl-C.

MicroPython takes the byte 0x03 for an interrupt wherever it comes from a serial line, and so it shall: the
prompt must be in reach whatever is said on the cable. So the host's stream is stuffed as in RFC 1662, section
4.2 (octet stuffing with a control character map of one); what the device sends is not.
"""

CTRL_C = 0x03
ESCAPE = 0x7D
FLIP = 0x20


def escape(data: bytes) -> bytes:
    """The host's bytes as they go on the cable."""
    out = bytearray()
    for byte in data:
        if byte in (CTRL_C, ESCAPE):
            out.append(ESCAPE)
            byte ^= FLIP
        out.append(byte)
    return bytes(out)


class Unescape:
    """What `escape` has made, undone; it comes in any pieces."""

    def __init__(self) -> None:
        self._escaped = False

    def feed(self, data: bytes) -> bytes:
        """The host's bytes again."""
        out = bytearray()
        for byte in data:
            if byte == ESCAPE:
                self._escaped = True
                continue
            if self._escaped:
                byte ^= FLIP
                self._escaped = False
            out.append(byte)
        return bytes(out)

    def reset(self) -> None:
        """Forget half a pair."""
        self._escaped = False
