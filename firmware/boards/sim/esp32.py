"""MicroPython's `esp32`, as far as a board uses it: what wakes the chip, NVS, the partition, the IDF's heap.

Transcribed from ports/esp32/modesp32.c, esp32_nvs.c and esp32_partition.c of v1.27.0; what differs between
releases and chips is in models/esp32_port.json. NVS is a file beside the flash's; ESP-IDF writes at
each set, its commit does nothing (nvs_handle_simple.cpp, v5.4).
"""

import json
import os

import memory
import world
from chip import NAME, column, wakes
from faults import fault
from flash import FileFlash
from machine import Pin

WAKEUP_ALL_LOW, WAKEUP_ANY_HIGH = False, True
HEAP_DATA, HEAP_EXEC = 4, 1
_MAX_NAME = column["nvs.name_limit"]
_ERRORS = dict(column["nvs.errors"])
_ERRORS.update(column["nvs.other_errors"])


def _numbers(pins, allowed) -> "tuple[int, ...]":  # type: ignore[no-untyped-def]
    numbers = [Pin(pin).number for pin in pins]
    for number in numbers:
        if allowed is not None and number not in allowed:
            raise ValueError("invalid pin")
    return tuple(numbers)


if column["wake_on_gpio.exists"]:

    def wake_on_gpio(pins=None, level=False):  # type: ignore[no-untyped-def]
        """Pins that end a sleep; whether they can, only that sleep says."""
        source = wakes["gpio"]
        source.pins = _numbers(pins, None)
        source.level, source.sleeps = int(level), column["wake_on_gpio.wakes_from"]


if column["wake_on_ext0.exists"]:

    def wake_on_ext0(pin=None, level=False):  # type: ignore[no-untyped-def]
        """The one pin that ends a sleep."""
        source = wakes["ext0"]
        source.pins = () if pin is None else _numbers((pin,), column["wake_on_ext0.pins"])
        source.level, source.sleeps = int(level), column["wake_on_ext0.wakes_from"]


if column["wake_on_ext1.exists"]:

    def wake_on_ext1(pins=None, level=False):  # type: ignore[no-untyped-def]
        """Pins that end a sleep: on an ESP32 all of them at once."""
        source = wakes["ext1"]
        source.pins = _numbers(pins, column["wake_on_ext1.pins"])
        source.level, source.sleeps = int(level), column["wake_on_ext1.wakes_from"]
        source.together = not level and NAME == "ESP32"


def idf_heap_info(capabilities: int) -> list:  # type: ignore[type-arg]
    """Size, free bytes, largest free block and the least ever free of each region."""
    return memory.regions(capabilities)


def _raise(name: str) -> None:
    raise OSError(_ERRORS[name], name)


class NVS:
    """Numbers and bytes by name. Raises OSError, as ESP-IDF numbers it, the sign turned."""

    def __init__(self, namespace: str) -> None:
        if fault("nvs_corrupt") is not None:
            _raise("ESP_ERR_NVS_NOT_INITIALIZED")
        if len(namespace) > _MAX_NAME:
            _raise("ESP_ERR_NVS_KEY_TOO_LONG")
        self._path = world.PC + world.config["flash"] + ".nvs"
        try:
            with open(self._path) as file:
                self._kept = json.load(file)
        except OSError:
            self._kept = {}

    def get_i32(self, key: str) -> int:
        """A number."""
        return self._get(key, int)

    def set_i32(self, key: str, value: int) -> None:
        """A number of 32 bits."""
        if not -(1 << 31) <= value < 1 << 31:
            raise OverflowError
        self._set(key, value)

    def get_blob(self, key: str, buffer) -> int:  # type: ignore[no-untyped-def]
        """Fill `buffer`, return the length."""
        data = bytes.fromhex(self._get(key, str))
        if len(data) > len(buffer):
            _raise("ESP_ERR_NVS_INVALID_LENGTH")
        buffer[: len(data)] = data
        return len(data)

    def set_blob(self, key: str, value) -> None:  # type: ignore[no-untyped-def]
        """Bytes."""
        self._set(key, bytes(value).hex())

    def erase_key(self, key: str) -> None:
        """Forget."""
        self._get(key, object)
        del self._kept[key]
        self._write()

    def commit(self) -> None:
        """Nothing: what is set is kept."""

    def _get(self, key: str, kind):  # type: ignore[no-untyped-def]
        if fault("nvs_corrupt") is not None:
            _raise("ESP_ERR_NVS_INVALID_HANDLE")
        value = self._kept.get(key)
        if value is None or not isinstance(value, kind):
            _raise("ESP_ERR_NVS_NOT_FOUND")
        return value

    def _set(self, key: str, value) -> None:  # type: ignore[no-untyped-def]
        if len(key) > _MAX_NAME:
            _raise("ESP_ERR_NVS_KEY_TOO_LONG")
        if fault("nvs_full") is not None:
            _raise("ESP_ERR_NVS_NOT_ENOUGH_SPACE")
        self._write(key, value)

    def _write(self, key: str = "", value=None) -> None:  # type: ignore[no-untyped-def]
        if fault("nvs_corrupt") is not None:
            _raise("ESP_ERR_NVS_INVALID_HANDLE")
        if fault("nvs_refuses") is not None:
            _raise("ESP_ERR_FLASH_OP_FAIL")
        if key:
            self._kept[key] = value
        with open(self._path + ".new", "w") as file:
            json.dump(self._kept, file)
        os.rename(self._path + ".new", self._path)


class Partition:
    """A part of the flash; the only one here is that of the file system."""

    TYPE_APP, TYPE_DATA = 0, 1
    _vfs = None

    @classmethod
    def find(cls, type=0, subtype=0xFF, label=None, block_size=4096):  # type: ignore[no-untyped-def]
        """Those of this type and label."""
        if type != cls.TYPE_DATA or label not in (None, "vfs"):
            return []
        if cls._vfs is None:
            config = world.config
            blocks = config.get("flash_blocks", 512)
            cls._vfs = FileFlash(world.PC + config["flash"], blocks, config.get("cut_after", -1))
            cls._vfs.fails = _flash_fails
        return [cls._vfs]


def _flash_fails() -> bool:
    # `times`: so often, and then no more.
    broken = fault("flash_fails")
    if broken is None or broken.get("times") == 0:
        return False
    if "times" in broken:
        broken["times"] -= 1
    return True
