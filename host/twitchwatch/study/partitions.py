"""Partitions: the files of one night of one sensor of one wearer, with a manifest that has their checksums.

    data/WEARER/NIGHT/SENSOR/nights.parquet, hours.parquet, minutes.parquet, events.parquet, manifest.json

The manifest is written last: a partition without one does not exist.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow.parquet as parquet
from pyarrow import ArrowInvalid

from twitchwatch import __version__
from twitchwatch.errors import TwitchwatchError
from twitchwatch.study.folder import Folder

PARTITION_VERSION = 1
MANIFEST = "manifest.json"
_READERS = 8
# A manifest that was tampered with must not lead out of its partition.
_FILE = re.compile(r"[0-9a-z_]+\.parquet")


class PartitionError(TwitchwatchError):
    """A partition cannot be used; the message says which, and why."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a partition."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a partition is. source: SHA-256 of the figures it was made from; start_utc: of the night."""

    wearer: str
    night: str
    sensor: str
    source: str
    start_utc: str
    files: Mapping[str, Part] = field(default_factory=dict)
    analysis_version: int = 0
    twitchwatch_version: str = __version__
    partition_version: int = PARTITION_VERSION

    @property
    def place(self) -> str:
        """The folder of the partition."""
        return f"data/{self.wearer}/{self.night}/{self.sensor}"

    @property
    def digest(self) -> str:
        """SHA-256 of all its files, on which a result is based."""
        return hashlib.sha256(
            json.dumps({name: part.sha256 for name, part in sorted(self.files.items())}).encode()
        ).hexdigest()


def write_partition(folder: Folder, manifest: Manifest, files: Mapping[str, bytes]) -> Manifest:
    """Write a partition, replacing one of the same night and sensor. Raises OutputError.

    If interrupted, it leaves the old one with a checksum that no longer matches; the next pull replaces it.
    """
    sums = {name: Part(hashlib.sha256(content).hexdigest(), len(content)) for name, content in files.items()}
    whole = Manifest(**{**_fields(manifest), "files": sums})
    for name, content in files.items():
        folder.write(f"{manifest.place}/{name}", content)
    folder.write_json(f"{manifest.place}/{MANIFEST}", asdict(whole))
    return whole


def manifests(folder: Folder) -> tuple[list[Manifest], dict[str, str]]:
    """Every partition in order, and by place why one of them cannot be read."""
    names = folder.names("data", f"/{MANIFEST}")
    found: list[Manifest] = []
    wrong: dict[str, str] = {}
    with ThreadPoolExecutor(_READERS) as readers:
        for name, content in zip(names, readers.map(lambda name: _content(folder, name), names), strict=True):
            try:
                found.append(_manifest(content, name))
            except PartitionError as error:
                wrong[name.removesuffix(f"/{MANIFEST}")] = str(error)
    return found, wrong


def manifest_at(folder: Folder, place: str) -> Manifest | None:
    """The manifest of a partition; None if there is none, or it is damaged."""
    name = f"{place}/{MANIFEST}"
    try:
        return _manifest(folder.read(name), name)
    except (FileNotFoundError, PartitionError):
        return None


def checked(folder: Folder, manifest: Manifest, names: Iterator[str] | None = None) -> dict[str, bytes]:
    """The files of a partition, each of which has its checksum. Raises PartitionError."""
    files = {}
    for name in names or manifest.files:
        part = manifest.files.get(name)
        if part is None:
            continue
        try:
            content = folder.read(f"{manifest.place}/{name}")
        except FileNotFoundError as error:
            raise PartitionError(f"{manifest.place}/{name} is missing. Pull it again.") from error
        if hashlib.sha256(content).hexdigest() != part.sha256:
            raise PartitionError(
                f"{manifest.place}/{name} does not have the checksum of its manifest. Pull it again."
            )
        files[name] = content
    return files


def damaged(
    folder: Folder, found: list[Manifest], names: frozenset[str]
) -> tuple[dict[str, str], set[tuple[str, tuple[str, ...]]]]:
    """By place why the files of these names cannot be used; and which columns files of each name have."""
    columns: set[tuple[str, tuple[str, ...]]] = set()

    def look(manifest: Manifest) -> str | None:
        try:
            content = checked(folder, manifest, iter(sorted(names & manifest.files.keys())))
            for name, file in content.items():
                columns.add((name, tuple(parquet.read_schema(io.BytesIO(file)).names)))
        except PartitionError as error:
            return str(error)
        except ArrowInvalid:
            return f"{manifest.place} has a file that is not Parquet. Delete its folder, and pull it again."
        return None

    with ThreadPoolExecutor(_READERS) as readers:
        looked = zip(found, readers.map(look, found), strict=True)
        return {manifest.place: why for manifest, why in looked if why is not None}, columns


def _content(folder: Folder, name: str) -> bytes:
    try:
        return folder.read(name)
    except FileNotFoundError:
        # Withdrawn in the meantime.
        return b""


def _manifest(content: bytes, name: str) -> Manifest:
    try:
        fields: dict[str, Any] = json.loads(content)
        files = {file: Part(**part) for file, part in fields.pop("files").items()}
        manifest = Manifest(**fields, files=files)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise PartitionError(f"{name} is damaged ({error}). Pull it again.") from error
    if manifest.partition_version > PARTITION_VERSION:
        raise PartitionError(f"{name} is of a newer version. Upgrade Twitchwatch.")
    if strange := [file for file in files if not _FILE.fullmatch(file)]:
        raise PartitionError(f"{name} names {strange[0]!r}, which is not a file of a partition.")
    if name != f"{manifest.place}/{MANIFEST}":
        raise PartitionError(f"{name} is the manifest of another partition, {manifest.place}.")
    return manifest


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in manifest.__slots__}
