"""The program that qemu-xtensa runs: it maps the shared memory, then calls whatever it is asked to call.

Instruction formats: Xtensa Instruction Set Architecture Reference Manual (Tensilica PD-09-0801-10-01, 2010),
chapter 7. Calls to Linux: QEMU 7.2, linux-user/xtensa/cpu_loop.c (number in a2, arguments in a6, a3, a4, a5,
a8, a9, result in a2) and syscall.tbl.
"""

from __future__ import annotations

import struct

from tests.detector.mpy import FLOOR_DIVIDE, LOAD_GLOBAL, MODULO, NATIVE_TO_OBJ, OBJ_TO_NATIVE, SWAP_GLOBALS

_READ, _WRITE, _MMAP2, _EXIT = 12, 13, 80, 118
_READ_WRITE_EXECUTE = 7
_SHARED_AT_THAT_ADDRESS = 0x11
# A runtime function that no kernel may call ends the process with this and its index.
REFUSED = 100

_TEXT = 0x0040_0000
_BASE_LITERAL = _TEXT + 0x80
_SIZE_LITERAL = _TEXT + 0x84
_START = _TEXT + 0x100
_PAGE = 0x1000

_ENTRY_32 = b"\x36\x41\x00"  # entry a1, 32
_RETW_N = b"\x1d\xf0"
_SYSCALL = b"\x00\x50\x00"
_EQUAL, _NOT_EQUAL, _NOT_LESS = 0, 1, 3  # of beqz, bnez and bgez


def _rri8(r: int, s: int, t: int, immediate: int) -> bytes:
    return bytes((t << 4 | 2, r << 4 | s, immediate & 0xFF))


def _rrr(op2: int, op1: int, r: int, s: int, t: int) -> bytes:
    return bytes((t << 4, r << 4 | s, op2 << 4 | op1))


def _movi(t: int, value: int) -> bytes:
    return _rri8(0xA, value >> 8 & 0xF, t, value)


def _addi(t: int, s: int, value: int) -> bytes:
    return _rri8(0xC, s, t, value)


def _add(r: int, s: int, t: int) -> bytes:
    return _rrr(8, 0, r, s, t)


def _or(r: int, s: int, t: int) -> bytes:
    return _rrr(2, 0, r, s, t)


def _xor(r: int, s: int, t: int) -> bytes:
    return _rrr(3, 0, r, s, t)


def _quotient(r: int, s: int, t: int) -> bytes:
    return _rrr(0xD, 2, r, s, t)


def _remainder(r: int, s: int, t: int) -> bytes:
    return _rrr(0xF, 2, r, s, t)


def _load(t: int, s: int, word: int) -> bytes:
    return struct.pack("<H", word << 12 | s << 8 | t << 4 | 8)


def _store(t: int, s: int, word: int) -> bytes:
    return struct.pack("<H", word << 12 | s << 8 | t << 4 | 9)


def _branch(condition: int, s: int, skipped: int) -> bytes:
    """Skip that many bytes if `s` compares so with zero."""
    return struct.pack("<I", (skipped - 1 & 0xFFF) << 12 | s << 8 | condition << 6 | 0x16)[:3]


def _jump(distance: int) -> bytes:
    """To where this instruction is, and that many bytes further."""
    return struct.pack("<I", (distance - 4 & 0x3FFFF) << 6 | 6)[:3]


def _call_windowed(s: int) -> bytes:
    return bytes((0xE0, s, 0))  # callx8


def _literal(t: int, address: int, here: int) -> bytes:
    offset = address - (here + 3 & ~3) >> 2
    return struct.pack("<I", (offset & 0xFFFF) << 8 | t << 4 | 1)[:3]


def runtime_function(index: int) -> bytes:
    """A stand-in for one of mp_fun_table's; arguments in a2 and a3, result in a2.

    Arguments come as what they convert to, and names as what they mean: those functions give them back.
    """
    if index in (OBJ_TO_NATIVE, NATIVE_TO_OBJ, SWAP_GLOBALS, LOAD_GLOBAL):
        return _ENTRY_32 + _RETW_N
    if index in (FLOOR_DIVIDE, MODULO):
        # Python rounds down: if the remainder is not zero and differs in sign, one more step.
        if index == MODULO:
            result, down = _or(2, 4, 4), _add(2, 4, 3)
        else:
            result, down = _quotient(2, 2, 3), _addi(2, 2, -1)
        differs = _xor(5, 4, 3) + _branch(_NOT_LESS, 5, len(down)) + down
        return _ENTRY_32 + _remainder(4, 2, 3) + result + _branch(_EQUAL, 4, len(differs)) + differs + _RETW_N
    return _ENTRY_32 + _movi(6, REFUSED + index) + _movi(2, _EXIT) + _SYSCALL


def call_loop(descriptor: int, base: int, size: int) -> bytes:
    """The ELF file. It reads {function, a10 to a13} from 0, and writes the a10 that comes back to 1."""
    code = bytearray()

    def literal(t: int, address: int) -> None:
        code.extend(_literal(t, address, _START + len(code)))

    literal(6, _BASE_LITERAL)
    literal(3, _SIZE_LITERAL)
    code += _movi(4, _READ_WRITE_EXECUTE) + _movi(5, _SHARED_AT_THAT_ADDRESS) + _movi(8, descriptor)
    code += _movi(9, 0) + _movi(2, _MMAP2) + _SYSCALL
    loop = len(code)
    literal(3, _BASE_LITERAL)
    code += _movi(6, 0) + _movi(4, 20) + _movi(2, _READ) + _SYSCALL
    end = _movi(6, 0) + _movi(2, _EXIT) + _SYSCALL
    # Nothing more to read: the other end is closed.
    code += _branch(_NOT_EQUAL, 2, len(end)) + end
    literal(7, _BASE_LITERAL)
    for register, word in ((8, 0), (10, 1), (11, 2), (12, 3), (13, 4)):
        code += _load(register, 7, word)
    code += _call_windowed(8)
    literal(3, _BASE_LITERAL)
    code += _store(10, 3, 0) + _movi(6, 1) + _movi(4, 4) + _movi(2, _WRITE) + _SYSCALL
    code += _jump(loop - len(code))

    image = bytearray(_PAGE)
    offset = _START - _TEXT
    image[offset : offset + len(code)] = code
    struct.pack_into("<II", image, _BASE_LITERAL - _TEXT, base, size)
    # Executable, Xtensa, version 1; flags 0x300 as the tools for Xtensa set them; one loadable segment.
    identity = b"\x7fELF\x01\x01\x01"
    struct.pack_into(
        "<16sHHIIIIIHHHHHH", image, 0, identity, 2, 94, 1, _START, 52, 0, 0x300, 52, 32, 1, 0, 0, 0
    )
    struct.pack_into("<8I", image, 52, 1, 0, _TEXT, _TEXT, _PAGE, _PAGE, 5, _PAGE)
    return bytes(image)
