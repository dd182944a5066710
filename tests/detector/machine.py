"""What every emulated processor has: memory that it shares with numpy, and viper functions to call in it.

How a native function finds constants and runtime: MicroPython 1.29, py/emitnative.c (emit_native_start_pass).
"""

from __future__ import annotations

import mmap
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from tests.detector.mpy import compile_viper

Array = NDArray[Any]
Counted = AbstractContextManager[Callable[[], int]]


class Machine(ABC):
    """One processor. It stays up for all modules and calls; a call copies nothing."""

    march: str

    def __init__(self, memory: mmap.mmap, base: int, data: int, table: int) -> None:
        """`memory` is at address `base`, its room for data begins `data` bytes into it.

        table: address of the runtime's functions.
        """
        self._bytes = np.frombuffer(memory, np.uint8)
        self._host: int = self._bytes.ctypes.data
        self._base = base
        self._table = table
        self.used = data

    def place(self, values: Any, dtype: DTypeLike = np.int32) -> Array:
        """A copy of the values in the machine's memory: host and machine see the same bytes."""
        source = np.asarray(values, dtype)
        room = self.room(source.size, dtype)
        room[:] = source
        return room

    def room(self, count: int, dtype: DTypeLike) -> Array:
        """Zeroed memory for `count` numbers."""
        size = np.dtype(dtype).itemsize * count
        start = self.used
        self.used = (start + size + 63) & ~63
        if self.used > len(self._bytes):
            raise MemoryError(f"{len(self._bytes)} bytes of the machine's memory are used up")
        room = self._bytes[start : start + size]
        room[:] = 0
        return room.view(dtype)

    def load(self, source: Path, given: Mapping[str, int] | None = None) -> dict[str, Callable[..., int]]:
        """The viper functions of a module, callable with ints and arrays of this machine.

        given: what global names mean, 0 to 65535; those left out are 0.
        """
        functions, names, kinds = compile_viper(source, self.march)
        # A native function finds its table of constants, and there the runtime's, by its own object.
        constants = self.place([self._table if kind == 0 else 0 for kind in kinds])
        # The runtime looks a global up by its qstr: here the qstr is the value already.
        qstrs = self.place([(given or {}).get(name, 0) for name in names], np.uint16)
        context = self.place([0, 0, self._address(qstrs), self._address(constants)])
        owner = self.place([0, self._address(context)])
        return {name: self._bind(name, code, self._address(owner)) for name, code in functions.items()}

    def _bind(self, name: str, code: bytes, owner: int) -> Callable[..., int]:
        start = self._write_code(code)
        given = self.room(16, np.uint32)
        given_at = self._address(given)

        def call(*arguments: Any) -> int:
            for i, value in enumerate(arguments):
                given[i] = self._address(value) if isinstance(value, np.ndarray) else int(value) & 0xFFFF_FFFF
            return signed(self._execute(name, start, (owner, len(arguments), 0, given_at)))

        call.__name__ = name
        return call

    def _address(self, array: Array) -> int:
        offset: int = array.__array_interface__["data"][0] - self._host
        if not 0 <= offset < len(self._bytes):
            raise ValueError("the array does not lie in the machine's memory; place it there")
        return self._base + offset

    @abstractmethod
    def _write_code(self, code: bytes) -> int:
        """Put a function where it can be run; return its address."""

    @abstractmethod
    def _execute(self, name: str, start: int, arguments: tuple[int, int, int, int]) -> int:
        """Run a function (its object, arguments, keywords, where they are) until it returns a word."""

    @abstractmethod
    def counting(self) -> Counted:
        """Within it, the function it gives says how many instructions have run."""

    @abstractmethod
    def stepping(self) -> Counted:
        """The same by a stop at every instruction: much slower."""


def signed(value: int) -> int:
    """A word as the int32 it is."""
    return (value & 0xFFFF_FFFF) - ((value & 0x8000_0000) << 1)
