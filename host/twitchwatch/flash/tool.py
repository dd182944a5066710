"""Another program, run line by line: mpremote, esptool."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ended:
    """How a run ended: its last lines, its exit code, and whether it was stopped for printing nothing.

    `patience_s`: for how long it might be silent at the end.
    """

    lines: tuple[str, ...]
    code: int
    silent: bool
    patience_s: float

    @property
    def well(self) -> bool:
        """It succeeded."""
        return self.code == 0 and not self.silent

    @property
    def said(self) -> str:
        """Its last lines as one text."""
        return "\n".join(self.lines)


def run_module(
    module: str, arguments: Sequence[str], first_patience_s: float, heard: Callable[[str], float]
) -> Ended:
    """Run a Python module as a program, with stderr among its lines.

    `heard` receives each line and returns the seconds that the next may take; a program that prints nothing
    for longer is stopped.
    """
    command = [sys.executable, "-u", "-m", module, *arguments]
    lines: deque[str] = deque(maxlen=200)
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    with process:
        guard = _Guard(process, first_patience_s)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line.rstrip())
                guard.wait(heard(lines[-1]))
            code = process.wait()
        finally:
            guard.end()
            process.kill()
    return Ended(tuple(lines), code, guard.struck, guard.patience_s)


class _Guard:
    """Ends a process that prints nothing for too long."""

    def __init__(self, process: subprocess.Popen[str], patience_s: float) -> None:
        self._process = process
        self.struck = False
        self.patience_s = patience_s
        self._timer = self._started(patience_s)

    def wait(self, patience_s: float) -> None:
        """A line has arrived: restart the wait."""
        self._timer.cancel()
        self.patience_s = patience_s
        self._timer = self._started(patience_s)

    def end(self) -> None:
        """It has ended."""
        self._timer.cancel()

    def _started(self, patience_s: float) -> threading.Timer:
        timer = threading.Timer(patience_s, self._strike)
        timer.daemon = True
        timer.start()
        return timer

    def _strike(self) -> None:
        self.struck = True
        self._process.kill()
