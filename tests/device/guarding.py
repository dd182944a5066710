"""Run by MicroPython: the guard where everything that it asks fails, and whatever NVS holds.

micropython guarding.py

Prints, for each way in which NVS may be, how many calls were made and how often the chip was reset. A reset
ends a call, as on the chip; anything else that leaves a call is an error.
"""

import json
import sys


class Reset(BaseException):
    pass


def fails(*arguments, **named):
    raise ERRORS[0]


class _Board:
    def __getattr__(self, name):
        return fails


class _Machine:
    """ports/esp32/modmachine.c, v1.28.0: reset() does not return, all others may raise."""

    lightsleep = deepsleep = WDT = staticmethod(fails)

    @staticmethod
    def reset():
        raise Reset


class _Time:
    now_us = 0

    @staticmethod
    def ticks_us():
        return _Time.now_us & 0x3FFFFFFF

    @staticmethod
    def ticks_diff(after, before):
        return ((after - before + 0x20000000) & 0x3FFFFFFF) - 0x20000000

    @staticmethod
    def sleep_ms(ms):
        _Time.now_us += ms * 1000


class _Nvs:
    """ports/esp32/esp32_nvs.c, v1.28.0, which may refuse."""

    kept = {}  # noqa: RUF012
    broken = ()

    def __init__(self, space):
        self._may("open")

    def get_i32(self, key):
        return self._get(key)

    def set_i32(self, key, value):
        self._may("set")
        self.kept[key] = value

    def get_blob(self, key, buffer):
        data = self._get(key)
        buffer[: len(data)] = data
        return len(data)

    def set_blob(self, key, value):
        self._may("set")
        self.kept[key] = bytes(value)

    def erase_key(self, key):
        self._may("erase")
        self._get(key)
        del self.kept[key]

    def commit(self):
        self._may("commit")

    def _get(self, key):
        self._may("get")
        if key not in self.kept:
            raise OSError(-4354, "ESP_ERR_NVS_NOT_FOUND")
        return self.kept[key]

    def _may(self, what):
        if what in self.broken:
            raise OSError(-4, "ESP_ERR_FLASH_OP_FAIL")


class _Esp32:
    NVS = _Nvs


class App:
    """Its flash takes nothing, and what it holds cannot be kept."""

    class log:  # noqa: N801
        fault = "The flash rejects writes: 5"

    finish = staticmethod(fails)


class Wordless(Exception):
    """Has no words, as where memory for them has run out."""

    def __str__(self):
        raise MemoryError


for name, module in (("board", _Board()), ("machine", _Machine), ("time", _Time), ("esp32", _Esp32)):
    sys.modules[name] = module
from twitchband import guard as room  # noqa: E402

ERRORS = [OSError(5)]
NOTES = (b"", b"Traceback: it failed", b"\x80\x93 cut in the middle of a dash", b"\xff" * 480)
# What is said has its words made, and goes nowhere.
room.print = lambda words: str(words)
calls = resets = 0


def call(step, *arguments):
    global calls, resets
    calls += 1
    try:
        return step(*arguments)
    except Reset:
        resets += 1
        return None


def whole_life(app):
    guard = call(room.Guard)
    guard.app = app
    why = call(guard.safe_mode)
    call(guard.stay, why or "the button is held")
    call(guard.begin)
    call(guard.feed)
    for minutes in (1, 3, 300):
        call(guard.watch, room.DEVICE.now_us() + minutes * 60000000)
        call(guard.runs_well, minutes * 60000000)
        call(guard.stuck, None, minutes * 60000000)
    call(guard.restart)
    call(guard.interrupted)
    for error in (ValueError("x"), MemoryError(), Wordless()):
        call(guard.failed, error)
    call(guard.switch_off)
    return why


for broken in ((), ("set",), ("set", "get"), ("open",), ("set", "erase"), ("commit",)):
    calls = resets = lives = 0
    safe = []
    for note in NOTES:
        for running, radio, failures in ((0, 0, 0), (1, 0, 2), (1, 1, 6), (0, 0, 200)):
            for error in (OSError(5), ValueError("x"), MemoryError(), AttributeError("x")):
                ERRORS[0] = error
                _Nvs.broken = ()
                _Nvs.kept.clear()
                _Nvs.kept.update({"running": running, "radio": radio, "failures": failures})
                if note:
                    _Nvs.kept["note"] = note
                _Nvs.broken = broken
                lives += 1
                for app in (None, App()):
                    safe.append(bool(whole_life(app)))
    print(json.dumps({"broken": broken, "lives": lives, "calls": calls, "resets": resets, "safe": sum(safe)}))
