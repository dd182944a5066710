"""The host's own number, by which a sensor distinguishes its hosts."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from twitchwatch.errors import ConfigurationError


def host_id(path: Path) -> int:
    """The 64-bit number kept in `path`, generated at random the first time.

    Raises ConfigurationError if the file can be neither read nor created.
    """
    try:
        return int(path.read_text("ascii"), 16)
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{path} should contain this computer's number in hexadecimal, but: {error}. Delete it; a new "
            "one is generated."
        ) from error
    number = secrets.randbits(64)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be created: {error}. Check the folder's owner and permissions."
        ) from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{number:016x}")
    return number
