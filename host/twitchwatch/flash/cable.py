"""The board at the other end of the cable, by mpremote."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from twitchwatch.errors import ConfigurationError, DeviceError
from twitchwatch.flash.board import NeedsMicroPython
from twitchwatch.flash.package import File
from twitchwatch.flash.tool import Ended, run_module

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

    def listen(self, code: str, on_answer: Callable[[dict[str, Any]], None]) -> None:
        """Run `code` on the board; `on_answer` gets each of its lines of JSON as it comes."""

        def heard(line: str) -> float:
            if line.startswith("{"):
                on_answer(json.loads(line))
            return _ANSWER_S

        self._mpremote(["exec", code], heard)

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

    def _mpremote(self, arguments: Sequence[str], heard: Callable[[str], float]) -> tuple[str, ...]:
        """Run mpremote; its lines. `heard` tells after each how long the next may take."""
        tries = 1 if self._entered else _FIRST_TRIES
        while True:
            # Only the first call soft-resets: it ends the application and frees its memory.
            chain = ["resume", *arguments] if self._entered else arguments
            ended = run_module("mpremote", ["connect", self.port, *chain], _ANSWER_S, heard)
            if ended.well:
                self._entered = True
                return ended.lines
            tries -= 1
            if tries == 0 or _NO_PROMPT not in ended.said:
                raise self._error(ended)

    def _error(self, ended: Ended) -> DeviceError:
        if "failed to access" in ended.said:
            return in_use(self.port)
        if _NO_PROMPT in ended.said or (ended.silent and not self._entered):
            return NeedsMicroPython(
                f"What is at {self.port} does not answer as MicroPython. If MicroPython is on it, press its "
                "reset button and run this again.",
                None,
            )
        if "Traceback" in ended.said and "OSError: 28" in ended.said:
            return DeviceError(
                f"The flash of the board at {self.port} is full. Delete files of your own from it "
                "(`mpremote ls`, `mpremote rm`) and run this again."
            )
        last = "it fell silent" if ended.silent else (ended.lines[-1] if ended.lines else "no message")
        return DeviceError(
            f"The connection to {self.port} broke off ({last}). Nothing is spoilt: look at the cable, press "
            "the board's reset button, and run this again; it goes on where it stopped."
        )


def in_use(port: str) -> DeviceError:
    """Another program holds the port."""
    return DeviceError(
        f"{port} is in use. Close what has it open (a serial monitor, Thonny, `twitchwatch run`, another "
        "flash), wait a moment, and run this again."
    )
