"""The 32-bit RISC-V of an ESP32-C3: unicorn (QEMU's RISC-V) executes what mpy-cross compiles for rv32imc."""

from __future__ import annotations

import mmap
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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

from tests.detector.machine import Machine, signed
from tests.detector.mpy import (
    FLOOR_DIVIDE,
    LOAD_GLOBAL,
    MODULO,
    NATIVE_TO_OBJ,
    OBJ_TO_NATIVE,
    SWAP_GLOBALS,
    TABLE_ENTRIES,
)

_RUNTIME = 0x0010_0000
_CODE = 0x0020_0000
_CODE_BYTES = 0x0002_0000
_STACK_TOP = 0x0040_0000
_STACK_BYTES = 0x0001_0000
_DATA = 0x1000_0000
_DATA_BYTES = 24 << 20
_TABLE = _RUNTIME + 0x1000
_END = _RUNTIME + 0xFF0
_RETURN = b"\x82\x80"  # c.jr ra
_ARGUMENTS = (UC_RISCV_REG_A0, UC_RISCV_REG_A1, UC_RISCV_REG_A2, UC_RISCV_REG_A3)


class Rv32(Machine):
    """One RISC-V processor with its memory."""

    march = "rv32imc"

    def __init__(self) -> None:
        super().__init__(mmap.mmap(-1, _DATA_BYTES), _DATA, 0, _TABLE)
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
        entries = [_RUNTIME + 16 * i for i in range(TABLE_ENTRIES)]
        self._uc.mem_write(_TABLE, struct.pack(f"<{TABLE_ENTRIES}I", *entries))
        first, last = _RUNTIME, _RUNTIME + 16 * TABLE_ENTRIES - 1
        converted = _RUNTIME + 16 * OBJ_TO_NATIVE, _RUNTIME + 16 * NATIVE_TO_OBJ
        self._uc.hook_add(UC_HOOK_CODE, self._runtime, None, first, converted[0] - 1)
        self._uc.hook_add(UC_HOOK_CODE, self._runtime, None, converted[1] + 16, last)

    def _runtime(self, uc: Uc, address: int, _size: int, _: object) -> None:
        function = (address - _RUNTIME) // 16
        a, b = (signed(uc.reg_read(register)) for register in _ARGUMENTS[:2])
        if function == FLOOR_DIVIDE:
            uc.reg_write(UC_RISCV_REG_A0, a // b & 0xFFFF_FFFF)
        elif function == MODULO:
            uc.reg_write(UC_RISCV_REG_A0, a % b & 0xFFFF_FFFF)
        elif function not in (SWAP_GLOBALS, LOAD_GLOBAL):
            self._wrong = function
            uc.emu_stop()

    def _write_code(self, code: bytes) -> int:
        start = self._code_end
        self._code_end = (start + len(code) + 15) & ~15
        self._uc.mem_write(start, code)
        return start

    def _execute(self, name: str, start: int, arguments: tuple[int, int, int, int]) -> int:
        self._uc.reg_write(UC_RISCV_REG_SP, _STACK_TOP - 64)
        self._uc.reg_write(UC_RISCV_REG_RA, _END)
        for register, value in zip(_ARGUMENTS, arguments, strict=True):
            self._uc.reg_write(register, value)
        self._uc.emu_start(start, _END)
        if self._wrong is not None:
            raise RuntimeError(f"{name} called runtime function {self._wrong}: it handles objects")
        result: int = self._uc.reg_read(UC_RISCV_REG_A0)
        return result

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
