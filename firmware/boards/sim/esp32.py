"""MicroPython's `esp32`, as far as the application uses it: NVS, in a file beside the flash's."""

import json
import os

import world

# ESP-IDF, nvs.h.
_NOT_FOUND = -0x1102
_MOST_NAME = 15


class NVS:
    """Non-volatile storage; what was not committed is lost with the power."""

    def __init__(self, namespace: str) -> None:
        if len(namespace) > _MOST_NAME:
            raise ValueError(namespace)
        self._path = world.config["flash"] + ".nvs"
        self._space = namespace
        self._changed = {}
        try:
            with open(self._path) as file:
                self._kept = json.load(file)
        except OSError:
            self._kept = {}

    def get_i32(self, key: str) -> int:
        """A number. Raises OSError where there is none."""
        return self._get(key, int)

    def set_i32(self, key: str, value: int) -> None:
        """A number of 32 bits."""
        if not -(1 << 31) <= value < 1 << 31:
            raise OverflowError
        self._set(key, value)

    def get_blob(self, key: str, buffer) -> int:  # type: ignore[no-untyped-def]
        """Fill `buffer`, return the length. Raises OSError where there is none, or it is longer."""
        data = bytes.fromhex(self._get(key, str))
        if len(data) > len(buffer):
            raise OSError(-0x110C)
        buffer[: len(data)] = data
        return len(data)

    def set_blob(self, key: str, value) -> None:  # type: ignore[no-untyped-def]
        """Bytes."""
        self._set(key, bytes(value).hex())

    def erase_key(self, key: str) -> None:
        """Forget. Raises OSError where there is nothing."""
        self._get(key, object)
        self._set(key, None)

    def commit(self) -> None:
        """Keep what was set."""
        self._kept.update(self._changed)
        self._changed = {}
        with open(self._path + ".new", "w") as file:
            json.dump(self._kept, file)
        os.rename(self._path + ".new", self._path)

    def _get(self, key: str, kind):  # type: ignore[no-untyped-def]
        value = self._changed.get(key, self._kept.get(key))
        if value is None or not isinstance(value, kind):
            raise OSError(_NOT_FOUND)
        return value

    def _set(self, key: str, value) -> None:  # type: ignore[no-untyped-def]
        if len(key) > _MOST_NAME:
            raise OSError(-0x1109)
        self._changed[key] = value
