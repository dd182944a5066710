"""The cable's transport: a USB serial port as a pipe of bytes that never resets the board.

Tested on Linux. On macOS the same pyserial calls are used; on Windows ports have other names, and one
driver's quirk is handled as in mpremote.
"""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import serial
from serial.tools.list_ports import comports

from twitchwatch.errors import DeviceError, DeviceReason
from twitchwatch.foreign import one_line
from twitchwatch.shared.protocol.cable import escape
from twitchwatch.store import UsbPort

# MicroPython's own on a serial bridge; a native USB port takes any.
BAUD = 115200
# A board reads as fast as it is sent to, unless it is writing its flash (some 100 ms) or is gone.
WRITE_TIMEOUT_S = 5.0
# The reader checks this often whether to stop, if a blocked read cannot be woken.
_READ_TIMEOUT_S = 0.5
_READ_BYTES = 4096
_SILICON_LABS = 0x10C4

_REASONS = {
    errno.ENOENT: DeviceReason.NO_PORT,
    errno.ENODEV: DeviceReason.NO_PORT,
    errno.ENXIO: DeviceReason.NO_PORT,
    errno.EIO: DeviceReason.NO_PORT,
    errno.EACCES: DeviceReason.NOT_ALLOWED,
    errno.EPERM: DeviceReason.NOT_ALLOWED,
    # Held by TIOCEXCL, or locked as mpremote and this program lock it.
    errno.EBUSY: DeviceReason.PORT_BUSY,
    errno.EWOULDBLOCK: DeviceReason.PORT_BUSY,
}
_REMEDIES = {
    DeviceReason.NO_PORT: "Plug in the cable; it must carry data (many only charge).",
    DeviceReason.NOT_ALLOWED: "Join the group with access: `sudo usermod -aG dialout $USER`; log in again.",
    DeviceReason.PORT_BUSY: "Another program is using it (mpremote, a serial monitor): the daemon waits.",
    DeviceReason.OTHER: "Unplug it, then plug it in again.",
}


@dataclass(frozen=True, slots=True)
class Port:
    """A serial port of this computer; `chip` is None if it is not on USB."""

    device: str
    chip: UsbPort | None = None


def listed() -> Sequence[Port]:
    """The serial ports connected now."""
    return [
        Port(
            one.device,
            None if one.vid is None else UsbPort(one.vid, one.pid or 0, one_line(one.serial_number or "")),
        )
        for one in comports()
    ]


class UsbPipe:
    """An open port as a Transport."""

    def __init__(self, port: Port, opened: serial.Serial) -> None:
        self._port = port
        self._serial = opened
        self._arrived: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        # pyserial has no other way that works on every system.
        self._reader = threading.Thread(target=self._read, name=f"twitchwatch {port.device}", daemon=True)
        self._reader.start()

    @property
    def arrived(self) -> asyncio.Queue[bytes | None]:
        """Pieces as they arrive; None once the port is gone."""
        return self._arrived

    async def send(self, data: bytes) -> None:
        """Write all of `data`, so that no byte of it interrupts the board."""
        try:
            await asyncio.to_thread(self._serial.write, escape(data))
        except (OSError, serial.SerialException) as error:
            raise DeviceError(
                f"The cable at {self._port.device} failed while sending: {error}. Plug it in again.",
                DeviceReason.LINK_LOST,
            ) from error

    async def close(self) -> None:
        """Release the port."""
        self._stopping.set()
        # A port that was pulled out cannot be woken; its read has ended.
        with suppress(OSError, AttributeError):
            self._serial.cancel_read()
        await asyncio.to_thread(self._reader.join)
        with suppress(OSError):
            self._serial.close()

    def _read(self) -> None:
        # pyserial raises TypeError if the port vanishes during a read.
        with suppress(OSError, TypeError):
            while not self._stopping.is_set():
                data = self._serial.read(max(1, min(self._serial.in_waiting, _READ_BYTES)))
                if data:
                    self._tell(data)
        self._tell(None)

    def _tell(self, data: bytes | None) -> None:
        # The loop may have ended before the thread.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, data)


@asynccontextmanager
async def connected(port: Port) -> AsyncIterator[UsbPipe]:
    """Open the port exclusively, release it at the end. Raises DeviceError if that fails."""
    try:
        opened = await asyncio.to_thread(_open, port)
    except (OSError, ValueError) as error:
        raise _port_error(port, error) from error
    pipe = UsbPipe(port, opened)
    try:
        yield pipe
    finally:
        await pipe.close()


def _open(port: Port) -> serial.Serial:
    opened = serial.Serial(
        baudrate=BAUD,
        timeout=_READ_TIMEOUT_S,
        write_timeout=WRITE_TIMEOUT_S,
        exclusive=os.name == "posix" or None,
    )
    opened.port = port.device
    # ESP32 boards reset on RTS without DTR. The system raises both as the port opens, and pyserial leaves
    # them so; lowering one after the other resets the board. Only Windows' CP210x driver raises them one by
    # one; there they are raised by hand, in the harmless order (as in mpremote).
    by_hand = os.name == "nt" and port.chip is not None and port.chip.vid == _SILICON_LABS
    if by_hand:
        opened.dtr = opened.rts = False
    opened.open()
    if by_hand:
        opened.dtr = True
        opened.rts = True
    return opened


def _port_error(port: Port, error: OSError | ValueError) -> DeviceError:
    number = getattr(error, "errno", None)
    reason = _REASONS.get(number or 0, DeviceReason.OTHER)
    # Windows reports a port in use only by these words.
    if "Access is denied" in str(error):
        reason = DeviceReason.PORT_BUSY
    why = os.strerror(number) if number else str(error)
    return DeviceError(f"The port {port.device} cannot be opened: {why}. {_REMEDIES[reason]}", reason)
