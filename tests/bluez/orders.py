"""The guest's end of the control line: orders for the rig."""

from __future__ import annotations

import json
import os
import select
from typing import Any

LINE = "/dev/ttyS2"
# The longest order waits until a night has been worn.
ANSWER_S = 180.0


class RigError(Exception):
    """The rig could not carry out an order."""


class Rig:
    """The rig, by method: `rig.power_on(address)` gives the order of that name (tests/bluez/rig.py)."""

    def __init__(self) -> None:
        self._line = os.open(LINE, os.O_RDWR | os.O_NOCTTY)
        self._received = bytearray()

    def __getattr__(self, name: str) -> Any:
        def order(**arguments: Any) -> Any:
            self._write(json.dumps({"order": name, **arguments}).encode() + b"\n")
            answer = json.loads(self._read_line())
            if "error" in answer:
                raise RigError(f"{name}: {answer['error']}")
            return answer["result"]

        return order

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._line, data) :]

    def _read_line(self) -> bytes:
        while b"\n" not in self._received:
            if not select.select([self._line], [], [], ANSWER_S)[0]:
                raise RigError(f"no answer within {ANSWER_S:.0f} s")
            self._received += os.read(self._line, 65536)
        line, _, rest = bytes(self._received).partition(b"\n")
        self._received[:] = rest
        return line
