"""The stream on a cable shared with a Python prompt: the host's bytes never contain Ctrl-C.

MicroPython treats every byte 0x03 from a serial line as an interrupt, as it should: the prompt must stay
reachable whatever is sent over the cable. Therefore the host's stream is stuffed as in RFC 1662, section
4.2 (octet stuffing with a control character map of one); what the device sends is not.
"""

CTRL_C = 0x03
ESCAPE = 0x7D
FLIP = 0x20


def escape(data: bytes) -> bytes:
    """The host's bytes in the form sent on the cable."""
    out = bytearray()
    for byte in data:
        if byte in (CTRL_C, ESCAPE):
            out.append(ESCAPE)
            byte ^= FLIP
        out.append(byte)
    return bytes(out)


class Unescape:
    """Reverses `escape`; takes the stream in any pieces."""

    def __init__(self) -> None:
        self._escaped = False

    def feed(self, data: bytes) -> bytes:
        """The host's original bytes."""
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
        """Discard an incomplete pair."""
        self._escaped = False
