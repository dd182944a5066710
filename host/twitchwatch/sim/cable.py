"""A USB cable to a simulated ring: two pseudo-terminals and what is between them.

The board's end makes an interrupt of Ctrl-C, as MicroPython's serial port does; everything else passes
unchanged. Bytes that are not read are lost, as on a serial line.
"""

from __future__ import annotations

import asyncio
import os
import pty
import termios
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

_CTRL_C = b"\x03"
_PIECE_BYTES = 4096


@dataclass(frozen=True)
class UsbCable:
    """`port`: what to open on the computer; `board`: the file descriptor for the board's stdin and stdout."""

    port: str
    board: int


@asynccontextmanager
async def plugged() -> AsyncIterator[UsbCable]:
    """A cable, plugged in until the end."""
    host, host_end = _terminal(interrupts=False)
    inner, board = _terminal(interrupts=True)
    loop = asyncio.get_running_loop()

    def carry(source: int, sink: int) -> None:
        with suppress(OSError):
            data = os.read(source, _PIECE_BYTES)
            # EAGAIN: the other end is not read.
            os.write(sink, data)

    for source, sink in ((host, inner), (inner, host)):
        os.set_blocking(source, False)
        loop.add_reader(source, carry, source, sink)
    try:
        # We keep the host's end open ourselves: otherwise the line would report an error while no program has
        # it open.
        yield UsbCable(os.ttyname(host_end), board)
    finally:
        for descriptor in (host, inner):
            loop.remove_reader(descriptor)
        for descriptor in (host, host_end, inner, board):
            os.close(descriptor)


def _terminal(*, interrupts: bool) -> tuple[int, int]:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    if interrupts:
        state = termios.tcgetattr(theirs)
        state[3] |= termios.ISIG | termios.NOFLSH
        for key in (termios.VQUIT, termios.VSUSP):
            state[6][key] = b"\x00"
        state[6][termios.VINTR] = _CTRL_C
        termios.tcsetattr(theirs, termios.TCSANOW, state)
    return ours, theirs
