"""Is MicroPython at this port's prompt? A board's reply to Ctrl-C, and what it means.

mpremote waits much longer for a prompt, and does not show what arrived instead: repeated panics, or
the boot loader.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.foreign import lines

# A board boots in a second or two, and its application lets Ctrl-C in for four seconds.
PATIENCE_S = 5.0
# A board that is still booting does not hear; asked more often, a slow one is interrupted twice.
_CALL_EVERY_S = 1.0
_READ_S = 0.05
# Ends what runs; Ctrl-B leaves the raw mode in which an interrupted flash left it.
_CALL = b"\r\x03\x02"
_PROMPT = b"\n>>> "
_BAUD = 115200
# The ROM of every ESP32 at each start, and in its boot loader (ESP-IDF programming guide, "Fatal Errors";
# esptool's documentation, "Boot Log").
_STARTED = re.compile(rb"\brst:0x[0-9a-f]+ \((\w+)\)")
_BOOT_LOADER = re.compile(rb"waiting for download")
# ESP-IDF 6.1-dev (102122904ad): how a panic begins (esp_system/panic.c, esp_libc/src/abort.c and assert.c,
# esp_hw_support/power_supply/brownout.c), and its trace
# (esp_system/port/arch/xtensa/debug_helpers.c; on RISC-V the registers).
_PANIC = re.compile(
    rb"(?:Guru Meditation Error|abort\(\) was called|assert failed|Brownout detector was triggered)[^\r\n]*"
)
_BACKTRACE = re.compile(rb"Backtrace:[^\r\n]*|MEPC[^\r\n]*")
# One start is a board that was just reset.
_LOOP = 2


@dataclass(frozen=True)
class Heard:
    """What a port sent while we waited for a prompt."""

    data: bytes
    prompt: bool

    @property
    def boot_loader(self) -> bool:
        """The chip waits for an image."""
        return bool(_BOOT_LOADER.search(self.data))

    @property
    def panic(self) -> str:
        """The last panic with its backtrace, "" if there was none."""
        found = list(_PANIC.finditer(self.data))
        if not found:
            return ""
        words = found[-1][0]
        trace = _BACKTRACE.search(self.data, found[-1].end())
        return lines(b"\n".join((words, trace[0]) if trace else (words,)))

    @property
    def loops(self) -> bool:
        """The board keeps restarting."""
        return not self.prompt and len(_STARTED.findall(self.data)) >= _LOOP

    def explain(self, port: str) -> str:
        """Why a board shows no prompt, and what to do before MicroPython is written to it."""
        if self.boot_loader:
            return f"The board at {port} is in its boot loader; MicroPython can be written now."
        if self.loops:
            reason = _STARTED.findall(self.data)[-1].decode()
            shown = self.panic or f"the chip gives {reason} as the reason"
            return (
                f"The board at {port} keeps restarting:\n{shown}\nMicroPython cannot start on it and must be "
                "written again (add --erase)."
            )
        if self.panic:
            return f"The board at {port} crashed:\n{self.panic}\nPress its reset button and run this again."
        return (
            f"The device at {port} does not answer as MicroPython. Press its reset button and run this again "
            "within 4 s. If that does not help, MicroPython is missing."
        )


def ask(port: str, patience_s: float) -> Heard:
    """Interrupt the program at `port` and wait for a prompt, for at most `patience_s`.

    Raises DeviceError if the port cannot be opened or another program has it.
    """
    import serial

    try:
        line = serial.Serial(port, _BAUD, timeout=_READ_S, write_timeout=_CALL_EVERY_S, exclusive=True)
    except (serial.SerialException, OSError) as error:
        if "lock" in str(error):
            raise in_use(port) from None
        if os.name == "posix" and Path(port).exists() and not Path(port).is_char_device():
            raise DeviceError(
                f"{port} is not a serial port. Give the board's port, such as /dev/ttyACM0, or omit --port."
            ) from None
        raise DeviceError(
            f"{port} cannot be opened ({error}). Unplug the board and connect it again."
        ) from None
    data = bytearray()
    try:
        until_s = time.monotonic() + patience_s
        call_s = 0.0
        while not data.endswith(_PROMPT) and time.monotonic() < until_s:
            if time.monotonic() >= call_s:
                call_s = time.monotonic() + _CALL_EVERY_S
                # A port that takes nothing is a board that reads nothing.
                with contextlib.suppress(serial.SerialTimeoutException):
                    line.write(_CALL)
            data += line.read(line.in_waiting or 1)
    except (serial.SerialException, OSError):
        # The board took its USB port away: it reset. What it said so far counts.
        pass
    finally:
        _close(line)
    return Heard(bytes(data), data.endswith(_PROMPT))


def in_use(port: str) -> DeviceError:
    """Another program holds the port."""
    return DeviceError(
        f"{port} is in use. Close the program that has it open (a serial monitor, Thonny, `twitchwatch run`, "
        "another flash), wait a moment, and run this again.",
        DeviceReason.PORT_BUSY,
    )


def _close(line) -> None:  # type: ignore[no-untyped-def]
    # RTS first: the other way round the reset circuit of a development board may take it for a reset.
    with contextlib.suppress(OSError):
        line.rts = False
        line.dtr = False
    with contextlib.suppress(OSError):
        line.close()
