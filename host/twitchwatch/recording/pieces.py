"""Long binary files as short ones of the same format, for libraries that read only whole files."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

from twitchwatch.recording.spool import temporary_folder

PIECE_BYTES = 1 << 22
"""Of the long file that are in a short one."""

_CWA_HEADER, _CWA_SECTOR = 1024, 512
_BIN_HEADER_LINES, _BIN_PAGE_LINES = 59, 10
_BIN_PAGES = re.compile(rb"^(Number of Pages:)\s*\d+", re.MULTILINE)
_LOG, _INFO = "log.bin", "info.txt"
_SEPARATOR, _PARAMETERS, _EVENT, _ACTIVITIES = 0x1E, 21, 3, (0, 26, 27)
_SLEEPS = b"\x08"
_RECORD_HEADER = 8
_SMALL_BYTES = 1 << 20
"""Of the other members, such as the calibration, those are kept."""


def cwa_pieces(path: Path) -> Iterator[Path]:
    """Axivity CWA: the header, and sectors of 512 bytes that each state their time and scale."""
    with path.open("rb") as file:
        header = file.read(_CWA_HEADER)
        size = max(1, PIECE_BYTES // _CWA_SECTOR) * _CWA_SECTOR
        yield from _written(path, (header + sectors for sectors in iter(lambda: file.read(size), b"")))


def bin_pages(path: Path) -> Iterator[Path]:
    """GENEActiv BIN: a header of 59 lines, and pages of ten lines that each state their time.

    Source: actfast 1.3.0, src/geneactiv/mod.rs; GGIRread, src/GENEActivReader.cpp. The header also states how
    many pages there are; actfast takes memory for as many, whether there are or not, so each file states its
    own number.
    """
    with path.open("rb") as file:
        header = b"".join(islice(file, _BIN_HEADER_LINES))
        yield from _written(path, _with_pages(header, file))


def _with_pages(header: bytes, file: IO[bytes]) -> Iterator[bytes]:
    pages: list[bytes] = []
    size = 0
    while page := b"".join(islice(file, _BIN_PAGE_LINES)):
        pages.append(page)
        size += len(page)
        if size >= PIECE_BYTES:
            yield b"".join((_BIN_PAGES.sub(rb"\g<1>%d" % len(pages), header), *pages))
            pages, size = [], 0
    if pages:
        yield b"".join((_BIN_PAGES.sub(rb"\g<1>%d" % len(pages), header), *pages))


def gt3x_pieces(path: Path, size: int | None = None) -> Iterator[Path]:
    """ActiGraph GT3X: an archive of a description and a log, whose records of a second state their time.

    Kept from one record to the next: only the newest record of parameters (actfast 1.3.0,
    src/actigraph/mod.rs) and whether the sensor is in idle sleep, whose time pygt3x fills in. size: bytes of
    the log in a piece, as of other formats if None. The oldest files have no log, and come as they are.
    """
    size = PIECE_BYTES if size is None else size
    with zipfile.ZipFile(path) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
        if _INFO not in sizes or sizes.get(_LOG, 0) <= size:
            yield path
            return
        others = {name: archive.read(name) for name, much in sizes.items() if much <= _SMALL_BYTES}
        others.pop(_LOG, None)
        with archive.open(_LOG) as log, tempfile.TemporaryDirectory(dir=temporary_folder()) as folder:
            for records in _records(log, size):
                piece = Path(folder, path.name).with_suffix(".gt3x")
                with zipfile.ZipFile(piece, "w") as made:
                    for name, content in others.items():
                        made.writestr(name, content)
                    made.writestr(_LOG, records)
                yield piece


def _records(log: IO[bytes], size: int) -> Iterator[bytes]:
    """Whole records in pieces: each has the parameters that hold, and begins with samples, never asleep."""
    parameters = left = b""
    while read := log.read(size):
        content = left + read
        at = cut = 0
        newest = latest = parameters
        asleep = False
        while at + _RECORD_HEADER <= len(content) and content[at] == _SEPARATOR:
            kind, length = content[at + 1], int.from_bytes(content[at + 6 : at + 8], "little")
            end = at + _RECORD_HEADER + length + 1
            if end > len(content):
                break
            if kind == _PARAMETERS:
                latest = content[at:end]
            elif kind == _EVENT:
                asleep = content[at + _RECORD_HEADER : end - 1] == _SLEEPS
            elif kind in _ACTIVITIES and length > 1:
                if not asleep:
                    cut, newest = at, latest
                asleep = False
            at = end
        if at + _RECORD_HEADER <= len(content) and content[at] != _SEPARATOR:
            # No record begins here: its reader decides what that means.
            yield parameters + content
            return
        if cut:
            yield parameters + content[:cut]
        parameters, left = newest, content[cut:]
    if left:
        yield parameters + left


def _written(path: Path, contents: Iterator[bytes]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=temporary_folder()) as folder:
        piece = Path(folder, path.name)
        for content in contents:
            piece.write_bytes(content)
            yield piece
