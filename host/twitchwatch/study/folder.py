"""The folder of a study: on a disk, or in an object store by its address (fsspec)."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
from fsspec.implementations.local import LocalFileSystem

from twitchwatch.errors import ConfigurationError, MissingExtraError, OutputError

PART = ".part"
"""Ending of a file that is being written on a disk."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Files by their names relative to the folder, such as `data/W1/manifest.json`."""

    fs: Any
    root: str

    def path(self, name: str) -> str:
        """The path of a file in its file system."""
        return f"{self.root}/{name}"

    @property
    def local(self) -> bool:
        """Whether it is on a disk of this computer."""
        return isinstance(self.fs, LocalFileSystem)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return bool(self.fs.exists(self.path(name)))

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises FileNotFoundError, and ConfigurationError if it cannot be read."""
        try:
            return bytes(self.fs.cat_file(self.path(name)))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise ConfigurationError(f"{self.path(name)} cannot be read ({error}).") from error

    def read_json(self, name: str) -> Any:
        """A JSON file. Raises as `read`, and ValueError if it is not JSON."""
        return json.loads(self.read(name))

    def write(self, name: str, content: bytes) -> None:
        """Write a file: readers see the old one or the whole new one. Raises OutputError."""
        path = self.path(name)
        # Objects appear when they are complete; a file on a disk does so by getting its name at the end.
        target = f"{path}.{uuid4().hex}{PART}" if self.local else path
        try:
            if self.local:
                self.fs.makedirs(path.rpartition("/")[0], exist_ok=True)
            self.fs.pipe_file(target, content)
            if self.local:
                self.fs.mv(target, path)
        except OSError as error:
            if self.local and self.fs.exists(target):
                self.fs.rm_file(target)
            raise _full(path, error) from error

    def create_json(self, name: str, content: Any) -> None:
        """Write a JSON file that must be new: of several processes, one does.

        Raises FileExistsError, and OutputError.
        """
        path = self.path(name)
        try:
            if not self.local:
                self.fs.pipe_file(path, _json(content), mode="create")
                return
            self.fs.makedirs(self.root, exist_ok=True)
            with Path(path).open("xb") as file:
                try:
                    file.write(_json(content))
                    file.flush()
                except OSError:
                    self.fs.rm_file(path)
                    raise
        except FileExistsError:
            raise
        except OSError as error:
            raise _full(path, error) from error

    def write_json(self, name: str, content: Any) -> None:
        """Write a JSON file. Raises OutputError."""
        self.write(name, _json(content))

    def names(self, under: str, ending: str) -> list[str]:
        """Files below a folder whose names end so, in order."""
        self.fs.invalidate_cache()
        try:
            found = self.fs.find(self.path(under))
        except FileNotFoundError:
            return []
        return sorted(path[len(self.root) + 1 :] for path in found if path.endswith(ending))

    def remove(self, under: str) -> int:
        """Delete all files below a folder; returns how many there were. Raises OutputError."""
        names = self.names(under, "")
        for name in names:
            try:
                self.fs.rm_file(self.path(name))
            except FileNotFoundError:
                # Another process deletes the same.
                continue
            except OSError as error:
                raise OutputError(f"{self.path(name)} cannot be deleted ({error}).") from error
        if self.local:
            _remove_empty(self.path(under))
        return len(names)

    def address(self) -> str:
        """The address by which another process opens it."""
        return str(self.fs.unstrip_protocol(self.root))


def open_folder(address: str) -> Folder:
    """The folder at a path or an address such as `s3://bucket/study`.

    Raises ConfigurationError for an address that this computer cannot reach.
    """
    try:
        fs, root = fsspec.core.url_to_fs(address)
    except ImportError as error:
        raise MissingExtraError(f"The part that opens {address} is", "study-s3") from error
    except (ValueError, OSError) as error:
        raise ConfigurationError(f"{address} cannot be opened: {error}.") from error
    return Folder(fs, str(root).rstrip("/"))


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()


def _full(path: str, error: OSError) -> OutputError:
    return OutputError(
        f"{path} cannot be written ({error.strerror or error}). Free some space and run it again: "
        "complete files are kept."
    )


def _remove_empty(path: str) -> None:
    """Remove a folder and those in it; one in which another process writes at this moment stays."""
    for place, _, _ in os.walk(path, topdown=False):
        with suppress(OSError):
            Path(place).rmdir()
