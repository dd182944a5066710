"""Pseudonyms: keyed, so that only someone with the key can connect one to a person. The key is kept apart."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from twitchwatch.errors import ConfigurationError, UsageError
from twitchwatch.locking import in_turn

_KEY_BYTES = 32
# 50 bits: among 100,000 wearers two share a pseudonym with a probability of 4e-6 (birthday bound).
_CHARACTERS = 10


@dataclass(slots=True)
class KeyFile:
    """The coordinator's file: the key, and where each wearer's database is. It never goes into the study.

    wearers: by the label that the coordinator uses, such as a number of a list, the path of the database.
    """

    path: Path
    study: str
    key: bytes
    wearers: dict[str, str] = field(default_factory=dict)

    def pseudonym(self, label: str) -> str:
        """A wearer's pseudonym: HMAC-SHA-256 (RFC 2104) of the label, in base 32."""
        return "W" + self._of(f"wearer:{label}")

    def sensor(self, hardware_id: str) -> str:
        """A sensor's pseudonym."""
        return "S" + self._of(f"sensor:{hardware_id}")

    def save(self) -> None:
        """Write the file, readable by its owner alone. Raises ConfigurationError."""
        content = {"study": self.study, "key": self.key.hex(), "wearers": self.wearers}
        part = self.path.with_name(f"{self.path.name}.{uuid4().hex}.part")
        try:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1)
                file.flush()
                # A key lost with the power cannot be made again.
                os.fsync(file.fileno())
            part.replace(self.path)
        except OSError as error:
            raise ConfigurationError(f"{self.path} cannot be written ({error.strerror}).") from error

    def _of(self, text: str) -> str:
        digest = hmac.new(self.key, text.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest).decode()[:_CHARACTERS]


def new_key(path: Path, study: str) -> KeyFile:
    """A new key for a study. Raises UsageError if the file exists."""
    with _alone(path):
        if path.exists():
            raise UsageError(
                f"{path} exists already: a key is never overwritten. Name another file with --key."
            )
        made = KeyFile(path, study, secrets.token_bytes(_KEY_BYTES))
        made.save()
    return made


@contextmanager
def key_to_change(path: Path, study: str) -> Iterator[KeyFile]:
    """The key as it is now, for a change; others who want to change it wait. Raises as `read_key`."""
    read_key(path, study)
    with _alone(path):
        yield read_key(path, study)


def read_key(path: Path, study: str) -> KeyFile:
    """The key of this study. Raises ConfigurationError if it is missing, damaged, or of another study."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        wearers = {label: os.fspath(database) for label, database in dict(content["wearers"]).items()}
        found = KeyFile(path, content["study"], bytes.fromhex(content["key"]), wearers)
    except FileNotFoundError as error:
        raise ConfigurationError(f"There is no key at {path}. Name the study's key with --key.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{path} is not a key of a study, or is damaged ({error}).") from error
    if found.study != study or len(found.key) != _KEY_BYTES:
        raise ConfigurationError(f"{path} is the key of another study. Name the right one with --key.")
    return found


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with ExitStack() as held:
        try:
            held.enter_context(in_turn(path))
        except OSError as error:
            raise ConfigurationError(
                f"{path} cannot be locked ({error.strerror}). Check the folder's owner and permissions."
            ) from error
        yield
