"""A board at the end of a cable: MicroPython's Unix port on a pseudo-terminal, which mpremote takes for real.

A relay lies between the host's terminal and the interpreter's, because an interpreter that exits is a board
that resets: it is started again, and the host sees what a board says then.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
import time
import tty
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).parent
SIM = HERE.parents[1] / "firmware" / "boards" / "sim"
MICROPYTHON = Path(sys.executable).with_name("micropython")
HARD_RESET = 77
RAW_BEGINS = b"raw REPL; CTRL-B to exit"
RAW_ENDS = b'Type "help()"'
CTRL_A, CTRL_C = b"\x01", b"\x03"
# What boot.py prints once the interpreter can be interrupted. Before, Ctrl-C would kill it; a board's USB
# port keeps what comes meanwhile.
BOOTED = b"booted"
# The interpreter exits at a second interrupt that comes before it has dealt with the first. That it has, it
# shows by printing something; if nothing comes, the interrupt was lost.
INTERRUPT_LOST_S = 3.0
# Less than a terminal's queue holds, so that the writer is held up and nothing is dropped.
PIECE = 256


class PtyBoard:
    """`port` is what to give to mpremote; `said` is all that the board has printed."""

    def __init__(self, flash: Path, **says: Any) -> None:
        self._flash = flash
        self._says = json.dumps(says) if says else ""
        self._host, self._host_end = _terminal(signals=False)
        self.port = os.ttyname(self._host_end)
        self.said = b""
        # How long the board takes to start.
        self.slow_ms = 0
        # Nothing that the host says reaches the board.
        self.deaf = False
        self._heard = threading.Condition()
        self._raw = False
        self._interrupted_s = 0.0
        self._answered = True
        self._up = False
        self._stop, self._stopper = os.pipe()
        self._thread = threading.Thread(target=self._relay, daemon=True)

    def __enter__(self) -> PtyBoard:
        self._start()
        self._thread.start()
        self.await_said(BOOTED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.write(self._stopper, b"x")
        self._thread.join()
        self._process.kill()
        self._process.wait()
        for descriptor in (self._host, self._host_end, self._inner, self._stop, self._stopper):
            os.close(descriptor)

    def pull_the_plug(self) -> None:
        """Power fails and comes back."""
        self._raw = False
        with self._heard:
            self.said = b""
        self._process.kill()

    def await_said(self, words: bytes, within_s: float = 30.0) -> None:
        """Wait until the board has printed these words, after those that were last waited for."""
        with self._heard:
            assert self._heard.wait_for(lambda: words in self.said, within_s), self.said[-2000:]
            self.said = self.said.partition(words)[2]

    def _start(self) -> None:
        self._up = False
        self._begun = b""
        self._inner, end = _terminal(signals=True)

        def own_terminal() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self._process = subprocess.Popen(
            [MICROPYTHON, "-X", "heapsize=160wK", "-i", HERE / "boot.py", SIM],
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
            preexec_fn=own_terminal,
            env={
                **os.environ,
                "BOARD_FLASH": str(self._flash),
                "BOARD_RAW": "1" if self._raw else "0",
                "BOARD_SAYS": self._says,
                "BOARD_SLOW_MS": str(self.slow_ms),
            },
        )
        os.close(end)

    def _relay(self) -> None:
        while True:
            wanted = [self._stop, self._inner, self._host] if self._up else [self._stop, self._inner]
            ready, _, _ = select.select(wanted, [], [])
            if self._stop in ready:
                return
            if self._inner in ready:
                data = b""
                with contextlib.suppress(OSError):
                    # EIO: the interpreter's end is closed.
                    data = os.read(self._inner, 4096)
                if data:
                    self._from_board(data)
                else:
                    self._restart()
            elif self._host in ready:
                data = os.read(self._host, PIECE)
                if not self.deaf:
                    self._from_host(data)

    def _from_board(self, data: bytes) -> None:
        self._answered = True
        self._begun += data
        if not self._up and BOOTED in self._begun:
            self._up = True
            if self._raw:
                os.write(self._inner, CTRL_A)
        # Of this start alone: what was said before a test forgot it counts too.
        begins, ends = self._begun.rfind(RAW_BEGINS), self._begun.rfind(RAW_ENDS)
        if begins != ends:
            self._raw = begins > ends
        os.write(self._host, data)
        with self._heard:
            self.said += data
            self._heard.notify_all()

    def _restart(self) -> None:
        code = self._process.wait()
        os.close(self._inner)
        if code == HARD_RESET:
            self._raw = False
            os.write(self._host, b"\r\nrst:0xc (SW_CPU_RESET)\r\n")
        elif code < 0:
            os.write(self._host, b"\r\nrst:0x1 (POWERON)\r\n")
        else:
            os.write(self._host, b"MPY: soft reboot\r\n")
        self._start()

    def _from_host(self, data: bytes) -> None:
        for i, part in enumerate(data.split(CTRL_C)):
            if i:
                self._interrupt()
            if part:
                os.write(self._inner, part)

    def _interrupt(self) -> None:
        # If the terminal makes a signal of it, or a prompt reads it, the character is all. But the port
        # leaves its terminal raw while it takes and runs a pasted program: that needs the signal too.
        if _catches_interrupts(self._process.pid):
            now_s = time.monotonic()
            if not self._answered and now_s - self._interrupted_s < INTERRUPT_LOST_S:
                return
            self._interrupted_s = now_s
            self._answered = False
            if not termios.tcgetattr(self._inner)[3] & termios.ISIG:
                self._process.send_signal(signal.SIGINT)
        os.write(self._inner, CTRL_C)


def _terminal(*, signals: bool) -> tuple[int, int]:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    if signals:
        state = termios.tcgetattr(theirs)
        state[3] |= termios.ISIG
        for key in (termios.VQUIT, termios.VSUSP):
            state[6][key] = b"\x00"
        termios.tcsetattr(theirs, termios.TCSANOW, state)
    return ours, theirs


def _catches_interrupts(pid: int) -> bool:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("SigCgt:"):
                return bool(int(line.split()[1], 16) & 1 << (signal.SIGINT - 1))
    return False
