"""The board at the other end of the cable, by mpremote."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from twitchwatch.errors import ConfigurationError, DeviceError
from twitchwatch.flash.board import how_to_install
from twitchwatch.flash.package import File

# Entering the REPL, a soft reset, hashing what is there: seconds, on a slow board with a full flash.
_ANSWER_S = 60.0
# A board that has just been reset does not hear yet: the first Ctrl-C may be lost.
_FIRST_TRIES = 2
_NO_PROMPT = "could not enter raw repl"
# The slowest flash seen took 27 s for 10 KB.
_COPY_S = 30.0
_COPY_BYTES_PER_S = 200.0


class Cable:
    """A MicroPython board at `port`. Every method raises DeviceError, with what to do."""

    def __init__(self, port: str) -> None:
        if find_spec("mpremote") is None:
            raise ConfigurationError("Flashing needs mpremote: `pip install 'twitchwatch[flash]'`.")
        self.port = port
        self._entered = False

    def ask(self, code: str) -> dict[str, Any]:
        """Run `code` on the board and read its last line as JSON. The first call ends what was running."""
        lines = self._mpremote(["exec", code], lambda line: _ANSWER_S)
        try:
            answer: dict[str, Any] = json.loads(lines[-1])
        except (IndexError, ValueError):
            raise DeviceError(
                f"The board at {self.port} answers, but not sensibly: {' '.join(lines)!r}. Press its reset "
                "button and run this again."
            ) from None
        return answer

    def copy(self, files: Sequence[File], on_file: Callable[[File], None]) -> None:
        """Copy each file to its place; `on_file` is called when one begins."""
        by_line = {f"cp {file.path} :/{file.target}": file for file in files}
        arguments: list[str] = []
        for file in files:
            # Always write: what differs has been found out already.
            arguments += ["+"] * bool(arguments) + ["fs", "cp", "-f", str(file.path), f":/{file.target}"]

        def begun(line: str) -> float:
            file = by_line.get(line)
            if file is None:
                return _COPY_S
            on_file(file)
            return _COPY_S + file.size / _COPY_BYTES_PER_S

        self._mpremote(arguments, begun)

    def reset(self) -> None:
        """Start the board as if it had been switched on."""
        self._mpremote(["reset"], lambda line: _ANSWER_S)

    def _mpremote(self, arguments: Sequence[str], patience_s: Callable[[str], float]) -> list[str]:
        """Run mpremote; its output. `patience_s` tells after each line how long the next may take."""
        tries = 1 if self._entered else _FIRST_TRIES
        while True:
            lines, code, silent = self._run(arguments, patience_s)
            if code == 0 and not silent:
                self._entered = True
                return lines
            tries -= 1
            if tries == 0 or _NO_PROMPT not in "".join(lines):
                raise DeviceError(self._explain(lines, silent=silent))

    def _run(
        self, arguments: Sequence[str], patience_s: Callable[[str], float]
    ) -> tuple[list[str], int, bool]:
        """What it said, its exit code, and whether it had to be stopped because it fell silent."""
        # Only the first call soft-resets: it ends the application and frees its memory.
        chain = ["resume", *arguments] if self._entered else list(arguments)
        command = [sys.executable, "-u", "-m", "mpremote", "connect", self.port, *chain]
        lines: deque[str] = deque(maxlen=200)
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        with process:
            guard = _Guard(process, _ANSWER_S)
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    lines.append(line.rstrip())
                    guard.wait(patience_s(lines[-1]))
                code = process.wait()
            finally:
                guard.end()
                process.kill()
        return list(lines), code, guard.struck

    def _explain(self, lines: Sequence[str], *, silent: bool) -> str:
        said = "\n".join(lines)
        if "failed to access" in said:
            return (
                f"{self.port} is in use. Close what has it open (a serial monitor, Thonny, another flash), "
                "wait a moment, and run this again."
            )
        if _NO_PROMPT in said or (silent and not self._entered):
            return (
                f"What is at {self.port} does not answer as MicroPython. If MicroPython is on it, press its "
                f"reset button and run this again. If not: {how_to_install(None)}"
            )
        if "Traceback" in said and "OSError: 28" in said:
            return f"The flash of the board at {self.port} is full. Delete files of your own from it."
        last = "it fell silent" if silent else (lines[-1] if lines else "no message")
        return (
            f"The connection to {self.port} broke off ({last}). Nothing is spoilt: look at the cable, press "
            "the board's reset button, and run this again; it goes on where it stopped."
        )


class _Guard:
    """Ends a process that says nothing for too long."""

    def __init__(self, process: subprocess.Popen[str], patience_s: float) -> None:
        self._process = process
        self.struck = False
        self._timer = self._started(patience_s)

    def wait(self, patience_s: float) -> None:
        """It has said something: wait anew."""
        self._timer.cancel()
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
