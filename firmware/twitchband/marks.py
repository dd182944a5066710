"""Small numbers that survive the file system, in the chip's non-volatile storage (NVS).

NVS has its own partition, writes each item whole or not at all, and spreads its wear (ESP-IDF programming
guide, "Non-volatile Storage Library"). Names have at most 15 letters there.
"""

import esp32

_SPACE = "twitchband"
# What a crash leaves behind; a blob of NVS may have 4000 bytes.
NOTE_BYTES = 480
_NOTE = "note"
_SIGN = 0x80000000
# ESP-IDF 5.5, nvs.h: ESP_ERR_NVS_NOT_FOUND and ESP_ERR_NVS_TYPE_MISMATCH, as MicroPython raises them.
_NOT_FOUND = -0x1102
_OF_OTHER_TYPE = -0x1103


class Marks:
    """Numbers of 32 bits by name, 0 if nothing was set, and one note.

    Never raises. Values that NVS rejects are kept in RAM (`broken` is True meanwhile) and written by `mend`
    as soon as possible.
    """

    def __init__(self) -> None:
        self._nvs = None
        # Everything known, the note as bytes; the names that NVS has not taken yet.
        self._known: dict[str, int | bytes] = {}
        self._owed: set[str] = set()
        self.broken = False
        self._open()

    def get(self, name: str) -> int:
        """The number, 0 if there is none."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def set(self, name: str, value: int) -> None:
        """Keep a number of 32 bits; an unchanged value is not written."""
        if self.get(name) != value:
            self._keep(name, value)

    def add(self, name: str) -> None:
        """Increment, up to the limit of a record's field."""
        self.set(name, min(65535, self.get(name) + 1))

    def note(self) -> bytes:
        """The note, b"" if there is none."""
        if _NOTE not in self._known:
            self._known[_NOTE] = self._read(_NOTE)
        return self._known[_NOTE]

    def set_note(self, note: bytes) -> None:
        """Keep the end of `note`; b"" removes it."""
        if self.note() != note:
            self._keep(_NOTE, note[-NOTE_BYTES:])

    def mend(self) -> None:
        """Write the values that NVS has rejected so far."""
        if not self.broken:
            return
        if self._nvs is None:
            self._open()
        try:
            for name in list(self._owed):
                self._write(name)
            self._nvs.commit()
            self._owed.clear()
            self.broken = False
        except Exception:  # noqa: BLE001
            return

    def _open(self) -> None:
        try:
            self._nvs = esp32.NVS(_SPACE)
        except Exception:  # noqa: BLE001
            self.broken = True

    def _keep(self, name: str, value: "int | bytes") -> None:
        self._known[name] = value
        self._owed.add(name)
        self.broken = True
        self.mend()

    def _write(self, name: str) -> None:
        value = self._known[name]
        try:
            if value == b"":
                self._nvs.erase_key(name)
            elif name == _NOTE:
                self._nvs.set_blob(name, value)
            else:
                self._nvs.set_i32(name, value - 2 * _SIGN if value >= _SIGN else value)
        except OSError as error:
            if error.errno == _NOT_FOUND:
                return
            if error.errno != _OF_OTHER_TYPE:
                # The value before stays, should the power fail.
                raise
            self._nvs.erase_key(name)
            self._write(name)

    def _read(self, name: str) -> "int | bytes":
        note = name == _NOTE
        try:
            if note:
                buffer = bytearray(NOTE_BYTES)
                return bytes(buffer[: self._nvs.get_blob(name, buffer)])
            return self._nvs.get_i32(name) & 0xFFFFFFFF
        except OSError as error:
            if error.errno != _NOT_FOUND:
                # Something else lies there: written anew with the next value.
                self.broken = True
        except Exception:  # noqa: BLE001
            self.broken = True
        return b"" if note else 0
