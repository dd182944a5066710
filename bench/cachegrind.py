"""Instructions that the real MicroPython executes on this computer (valgrind), and what they are on a board.

The interpreter's C code is taken as C_RATIO instructions there for one here: on SPECint2006 RISC-V executes
16 % more than x86-64 (Celio, Dabbelt, Patterson, Asanovic 2016, "The Renewed Case for the Reduced Instruction
Set Computer", table 2).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
MICROPYTHON = Path(sys.executable).with_name("micropython")
C_RATIO = 1.2
# What cachegrind calls code that no file has: viper's.
_NO_FILE = "???"


class Count(NamedTuple):
    """Instructions of a run, here."""

    interpreter: int
    machine_code: int

    @property
    def all(self) -> int:
        return self.interpreter + self.machine_code


def count(*arguments: object, heap: str = "320k", environment: dict[str, str] | None = None) -> Count:
    """A run of MicroPython. Raises RuntimeError if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report")
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={report}"]
        # A board's heap in words of 64 bits, and what stands for its flash: collecting costs by its size.
        command += [str(MICROPYTHON), "-X", f"heapsize={heap}", *map(str, arguments)]
        run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if run.returncode:
            raise RuntimeError(run.stdout + run.stderr)
        interpreter = machine_code = 0
        function = ""
        for line in report.read_text().splitlines():
            if line.startswith("fn="):
                function = line.removeprefix("fn=")
            elif line[:1].isdigit():
                number = int(line.split()[1])
                if function == _NO_FILE:
                    machine_code += number
                else:
                    interpreter += number
    if not machine_code + interpreter:
        raise RuntimeError(f"valgrind's report has no counts: {run.stderr}")
    return Count(interpreter, machine_code)
