"""Small numbers that outlive the file system, in the chip's own non-volatile storage (NVS).

NVS has its own partition, writes each item whole or not at all, and spreads its wear (ESP-IDF programming
guide, "Non-volatile Storage Library"). Names have at most 15 letters there.
"""

import esp32

_SPACE = "twitchband"
# What a crash leaves behind; a blob of NVS may have 4000 bytes.
NOTE_BYTES = 480
_SIGN = 0x80000000


class Marks:
    """Numbers of 32 bits by name, 0 where nothing was set; and one note."""

    def __init__(self) -> None:
        self._nvs = esp32.NVS(_SPACE)

    def get(self, name: str) -> int:
        """The number, 0 where there is none."""
        try:
            return self._nvs.get_i32(name) & 0xFFFFFFFF
        except OSError:
            return 0

    def set(self, name: str, value: int) -> None:
        """Keep a number of 32 bits; does not write what is there already."""
        if self.get(name) != value:
            self._nvs.set_i32(name, value - 2 * _SIGN if value >= _SIGN else value)
            self._nvs.commit()

    def note(self) -> bytes:
        """The note, b"" where there is none."""
        buffer = bytearray(NOTE_BYTES)
        try:
            length = self._nvs.get_blob("note", buffer)
        except OSError:
            return b""
        return bytes(buffer[:length])

    def set_note(self, note: bytes) -> None:
        """Keep the end of `note`; b"" takes it away."""
        try:
            if note:
                self._nvs.set_blob("note", note[-NOTE_BYTES:])
            else:
                self._nvs.erase_key("note")
        except OSError:
            return
        self._nvs.commit()
