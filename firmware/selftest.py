"""Tests whether every part of the board works. Run over the cable after flashing, never stored on the board.

`bring` comes with the sensors' own tests, which are not stored there either.

Each function gives what it measured; the computer at the other end judges and says it in words.
"""

import os
import sys
import time
from array import array

import board

from twitchband.config import load

_SECOND_MS = 1000
# Less than an IMU's FIFO takes to fill.
_POLL_MS = 50
_MAX = 64
_PATH = "/selftest.tmp"
_BLOCK = 4096
# A tap on the ring is beyond any movement of a hand that waits, and swings out within this.
_TAP_MG = 250
_DEAD_MS = 250


class _Brought:
    """A module that is compiled when something of it is wanted."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getattr__(self, name: str):  # type: ignore[no-untyped-def]
        space: dict = {}  # type: ignore[type-arg]
        exec(self._text, space)
        return space[name]


def bring(name: str, text: str) -> None:
    """Let this source be found as the module `name`."""
    sys.modules[name] = _Brought(text)


def sensor() -> dict:  # type: ignore[type-arg]
    """The IMU's own test, then a second of samples: their number, sum and sum of squares by axis, in LSB."""
    from twitchband.imu.fault import SensorFault

    try:
        imu = board.imu()
        own = imu.self_test()
        imu.start()
    except SensorFault as fault:
        return {"fault": str(fault)}
    began_ms = ended_ms = time.ticks_ms()
    sums = [0, 0, 0]
    squares = [0, 0, 0]
    n = 0
    for values in _stream(imu, _SECOND_MS):
        n += 1
        ended_ms = time.ticks_ms()
        for axis in range(3):
            sums[axis] += values[axis]
            squares[axis] += values[axis] * values[axis]
    return {
        "fault": "",
        "chip": imu.chip,
        "own": own,
        "samples": n,
        "ms": time.ticks_diff(ended_ms, began_ms),
        "rate_milli_hz": imu.rate_milli_hz,
        "lsb_nano_g": imu.lsb_nano_g,
        "sums": sums,
        "squares": squares,
    }


def storage() -> dict:  # type: ignore[type-arg]
    """A block written, read and removed; bytes that are free, that the log has and that it may have."""
    wanted = os.urandom(_BLOCK)
    try:
        with open(_PATH, "wb") as file:
            file.write(wanted)
        with open(_PATH, "rb") as file:
            same = file.read() == wanted
        os.remove(_PATH)
        space = os.statvfs("/")
    except OSError as error:
        return {"error": error.errno}
    try:
        log_bytes = sum([entry[3] for entry in os.ilistdir(board.LOG_ROOT)])
    except OSError:
        log_bytes = 0
    return {
        "error": 0,
        "same": same,
        "free_bytes": space[0] * space[3],
        "log_bytes": log_bytes,
        "log_most_bytes": load(board.CONFIG_PATH)["log_kib"] * 1024,
    }


def radio() -> dict:  # type: ignore[type-arg]
    """The Bluetooth radio switched on and off; its address."""
    import bluetooth

    ble = bluetooth.BLE()
    try:
        ble.active(True)
        _, address = ble.config("mac")
        ble.active(False)
    except OSError as error:
        return {"error": error.errno}
    return {"error": 0, "address": ":".join([f"{byte:02X}" for byte in address])}


def battery() -> dict:  # type: ignore[type-arg]
    """The cell's voltage, and whether the cable gives power."""
    return {"mv": board.battery_mv(), "usb": board.usb_powered()}


def taps(wanted: int, within_ms: int):  # type: ignore[no-untyped-def]
    """Each tap on the ring as its peak in mg, until `wanted` have come or the time is over."""
    imu = board.imu()
    imu.start()
    scale = imu.lsb_nano_g
    mean = [0, 0, 0]
    last_ms = time.ticks_add(time.ticks_ms(), -_DEAD_MS)
    for seen, values in enumerate(_stream(imu, within_ms)):
        if seen == 0:
            mean = [value << 4 for value in values]
        square = 0
        for axis in range(3):
            away = values[axis] - (mean[axis] >> 4)
            mean[axis] += away
            square += away * away
        peak_mg = int(square**0.5) * scale // 1000000
        now_ms = time.ticks_ms()
        if peak_mg >= _TAP_MG and seen > 16 and time.ticks_diff(now_ms, last_ms) >= _DEAD_MS:
            last_ms = now_ms
            yield peak_mg
            wanted -= 1
            if wanted == 0:
                return


def _stream(imu, for_ms: int):  # type: ignore[no-untyped-def]
    """Samples as signed x y z, as they come."""
    buffer = array("H", bytes(6 * _MAX))
    began_ms = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), began_ms) < for_ms:
        n = imu.read(buffer, _MAX)
        if n == 0:
            imu.clear_lost()
            time.sleep_ms(_POLL_MS)
        for i in range(n):
            yield [(value ^ 0x8000) - 0x8000 for value in buffer[3 * i : 3 * i + 3]]
