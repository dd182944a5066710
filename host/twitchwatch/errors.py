"""One error tree. Each message says what happened, to what, and what to do about it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterable
from enum import IntEnum, StrEnum
from importlib.util import find_spec

_UV_PIP = ["uv", "pip", "install", "--python", sys.executable]


class Exit(IntEnum):
    """Exit codes of the command line; documented in docs/cli.md."""

    OK = 0
    BUG = 1
    USAGE = 2
    CONFIGURATION = 3
    DEVICE = 4
    INTEGRITY = 5
    ATTENTION = 6


class TwitchwatchError(Exception):
    """Root of every error that a user may see; `exit_code` is the exit code of the command line."""

    exit_code: Exit = Exit.BUG


class UsageError(TwitchwatchError):
    """The command or its input is not usable as given."""

    exit_code = Exit.USAGE


class RecordingError(UsageError):
    """A recording cannot be read; the message names the line and the remedy."""


class ConfigurationError(TwitchwatchError):
    """Something that the program needs on this computer is missing or misconfigured."""

    exit_code = Exit.CONFIGURATION


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """A question that suggests the most similar known word, after a space; empty if none is similar."""
    from difflib import get_close_matches

    return "".join(f" Did you mean {one}?" for one in get_close_matches(given, known, 1))


def command_for(extra: str) -> str:
    """The command that adds an optional part to this installation, whichever way it was made.

    A uv environment has no pip; all others do, including pipx.
    """
    pip = [sys.executable, "-m", "pip", "install"] if find_spec("pip") else _UV_PIP
    return f"{shlex.join(pip)} 'twitchwatch[{extra}]'"


class MissingExtraError(ConfigurationError):
    """An optional part is needed and not installed: `what`, with its verb, and the `extra` it comes with."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} not installed here. Add it: `{command_for(extra)}`.")


class OutputError(ConfigurationError):
    """The output of a command cannot be written, for example because a disk is full."""


class ReaderGone(TwitchwatchError):
    """The reader of our output has closed the pipe, as `head` does."""


class DeviceReason(StrEnum):
    """Why a sensor cannot be reached, for programs; the message is for people."""

    NO_ADAPTER = "no adapter"
    ADAPTER_OFF = "adapter off"
    SERVICE_DOWN = "bluetooth service down"
    NOT_ALLOWED = "not allowed"
    BUSY = "busy"
    OUT_OF_REACH = "out of reach"
    NO_ANSWER = "no answer"
    LINK_LOST = "link lost"
    STALE = "stale services"
    NOT_PAIRED = "not paired"
    NO_PORT = "no port"
    PORT_BUSY = "port busy"
    OTHER = "other"


class DeviceError(TwitchwatchError):
    """The sensor or the Bluetooth adapter cannot be reached or misbehaves; `reason` says why."""

    exit_code = Exit.DEVICE

    def __init__(self, message: str, reason: DeviceReason = DeviceReason.OTHER) -> None:
        super().__init__(message)
        self.reason = reason


class IntegrityError(TwitchwatchError):
    """Stored data is damaged, or of a version that this program must not change."""

    exit_code = Exit.INTEGRITY
