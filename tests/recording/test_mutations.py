"""A good file, changed in every way that files are, alone and in pairs: read as it was, or refused."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.detector.signals import add, still, twitch
from twitchwatch.errors import RecordingError
from twitchwatch.recording import Recording, read_recording
from twitchwatch.recording.detection import detect
from twitchwatch.shared.protocol.records import MOVEMENT

RATE_HZ = 104
AT_S = (5, 12, 25)
LENGTH_S = 31
HOLE_S = 16
EPOCH_S = 1_772_406_000
G_MS2 = 9.80665


@dataclass(frozen=True)
class File:
    """What a file says, before it is written."""

    t_s: NDArray[np.float64]
    acc_g: NDArray[np.float64]
    names: tuple[str, ...] = ("t_s", "ax_g", "ay_g", "az_g")
    delimiter: str = ","
    decimal: str = "."
    scale: float = 1.0
    digits: int = 6
    stamp: Callable[[float], str] = lambda t: f"{t:.6f}"
    extra: str = ""
    quotes: bool = False
    spaces: bool = False
    before: str = ""
    line_end: str = "\n"
    cells: tuple[tuple[float, int, str], ...] = ()
    encoding: str = "utf-8"
    cut: int = 0
    packed: str = ""


def good() -> File:
    rng = np.random.default_rng(5)
    signal_mg = still(rng, LENGTH_S)
    # The slow motion of a living hand, without which a sensor is not worn.
    signal_mg[:, 0] += 2 * np.sin(2 * np.pi * 1.1 * np.arange(len(signal_mg)) / RATE_HZ)
    for at_s in AT_S:
        add(signal_mg, twitch(rng, 60), at_s)
    return File(np.arange(len(signal_mg)) / RATE_HZ, signal_mg / 1000 + np.array([0.31, -0.42, 0.853]))


def write(path: Path, file: File) -> Path:
    def number(value: float) -> str:
        return f"{value * file.scale:.{file.digits}f}".replace(".", file.decimal)

    rows = [
        [file.stamp(t).replace(".", file.decimal) if file.decimal == "," else file.stamp(t), *map(number, g)]
        for t, g in zip(file.t_s, file.acc_g, strict=True)
    ]
    for share, column, text in file.cells:
        rows[int(share * len(rows))][column] = text
    lines = [list(file.names), *rows]
    if file.extra:
        lines = [[*line, file.extra] for line in lines]
    if file.quotes:
        lines = [[f'"{cell}"' for cell in line] for line in lines]
    joint = f" {file.delimiter} " if file.spaces else file.delimiter
    text = file.before + file.line_end.join(joint.join(line) for line in lines) + file.line_end
    content = text.encode(file.encoding)
    content = content[: len(content) - file.cut]
    if file.packed == "gz":
        content = gzip.compress(content, 1)
    elif file.packed == "zip":
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("night.csv", content)
        content = stored.getvalue()
    path.write_bytes(content)
    return path


def iso(t_s: float) -> str:
    moment = np.datetime64(EPOCH_S, "s") + np.timedelta64(round(t_s * 1e6), "us")
    return str(moment).replace("T", " ")


def counted(per_second: float) -> Callable[[File], File]:
    """Since 1970, in whole units."""

    def made(file: File) -> File:
        names = ("time", "x", "y", "z")
        return replace(file, names=names, stamp=lambda t: f"{(EPOCH_S + t) * per_second:.0f}")

    return made


def hole(seconds: float) -> Callable[[File], File]:
    def made(file: File) -> File:
        later = file.t_s > HOLE_S
        return replace(file, t_s=file.t_s + seconds * later)

    return made


def swapped(file: File) -> File:
    order = np.arange(len(file.t_s))
    at = len(order) // 3
    order[[at, at + 1]] = order[[at + 1, at]]
    return replace(file, t_s=file.t_s[order], acc_g=file.acc_g[order])


def doubled(file: File) -> File:
    return replace(file, t_s=np.repeat(file.t_s, 2), acc_g=np.repeat(file.acc_g, 2, axis=0))


def one_value(g: float) -> Callable[[File], File]:
    def made(file: File) -> File:
        acc_g = file.acc_g.copy()
        acc_g[len(acc_g) // 2, 1] = g
        return replace(file, acc_g=acc_g)

    return made


def held(value: float | None) -> Callable[[File], File]:
    def made(file: File) -> File:
        acc_g = file.acc_g.copy()
        where = (file.t_s > 14) & (file.t_s < 20)
        acc_g[where] = acc_g[where][:1] if value is None else value
        return replace(file, acc_g=acc_g)

    return made


def thinned(file: File, share: float) -> File:
    kept = np.random.default_rng(8).random(len(file.t_s)) >= share
    return replace(file, t_s=file.t_s[kept], acc_g=file.acc_g[kept])


def upsampled(by_lines: bool) -> Callable[[File], File]:
    def made(file: File) -> File:
        slow_s = np.arange(0, file.t_s[-1], 1 / 25)
        at = np.searchsorted(file.t_s, slow_s)
        if by_lines:
            acc_g = np.column_stack([np.interp(file.t_s, slow_s, axis) for axis in file.acc_g[at].T])
        else:
            acc_g = file.acc_g[at][np.searchsorted(slow_s, file.t_s, side="right") - 1]
        return replace(file, acc_g=acc_g)

    return made


def two_rates(file: File) -> File:
    kept = (file.t_s > HOLE_S) | (np.arange(len(file.t_s)) % 2 == 0)
    return replace(file, t_s=file.t_s[kept], acc_g=file.acc_g[kept])


# Read as it was.
SAME: dict[str, Callable[[File], File]] = {
    "as it is": lambda file: file,
    "semicolon": lambda file: replace(file, delimiter=";"),
    "tab": lambda file: replace(file, delimiter="\t"),
    "decimal comma": lambda file: replace(file, delimiter=";", decimal=","),
    "quotes": lambda file: replace(file, quotes=True),
    "comments": lambda file: replace(file, before="# exported by hand\n# of one night\n"),
    "extra column": lambda file: replace(file, extra="left"),
    "capitals": lambda file: replace(file, names=tuple(name.upper() for name in file.names)),
    "spaces": lambda file: replace(file, spaces=True),
    "other names": lambda file: replace(file, names=("timestamp", "acc_x", "acc_y", "acc_z")),
    "ISO": lambda file: replace(file, names=("time", "x", "y", "z"), stamp=iso),
    "epoch s": lambda file: replace(file, stamp=lambda t: f"{EPOCH_S + t:.4f}"),
    "epoch ms": counted(1e3),
    "epoch us": counted(1e6),
    "epoch ns": counted(1e9),
    "mg": lambda file: replace(file, scale=1000.0, digits=3),
    "m/s2": lambda file: replace(file, scale=G_MS2),
    "CRLF": lambda file: replace(file, line_end="\r\n"),
    "BOM": lambda file: replace(file, encoding="utf-8-sig"),
    "UTF-16": lambda file: replace(file, encoding="utf-16"),
    "gz": lambda file: replace(file, packed="gz"),
    "zip": lambda file: replace(file, packed="zip"),
    "NaN": lambda file: replace(file, cells=(*file.cells, (0.5, 2, "NaN"))),
    "empty cell": lambda file: replace(file, cells=(*file.cells, (0.3, 1, ""))),
    "cut last line": lambda file: replace(file, cut=2 * (10 + len(file.line_end))),
    "rows doubled": doubled,
    "4.8 g": one_value(4.8),
    "12 g": one_value(12.0),
    "upside down": lambda file: replace(file, acc_g=-file.acc_g),
    "0.3 s missing": hole(0.3),
    "3 s missing": hole(3),
    "300 s missing": hole(300),
    "zeros for 6 s": held(0.0),
    "held for 6 s": held(None),
}  # fmt: skip

# Refused, or read without a twitch.
NO_TWITCH: dict[str, Callable[[File], File]] = {
    "raw counts": lambda file: replace(file, scale=8192.0, digits=0),
    "two rows swapped": swapped,
    "two rates": two_rates,
    "30 % lost": lambda file: thinned(file, 0.3),
    "upsampled by holding": upsampled(by_lines=False),
    "upsampled by lines": upsampled(by_lines=True),
    "1 s rows": lambda file: replace(file, t_s=file.t_s[::RATE_HZ], acc_g=file.acc_g[::RATE_HZ]),
    "mean removed": lambda file: replace(file, acc_g=file.acc_g - file.acc_g.mean(axis=0)),
}


def outcome(path: Path) -> Recording | None:
    """The recording, or None if it was refused in a sentence that names the file and what to do."""
    try:
        return read_recording(path)
    except RecordingError as refusal:
        message = str(refusal)
        assert message.startswith(str(path))
        assert message.endswith((".", "g"))
        return None


def twitches_s(recording: Recording) -> list[float]:
    return [event.sample / RATE_HZ for event in detect(recording).events if event.kind != MOVEMENT]


def in_place(recording: Recording) -> list[float]:
    """The twitches, without the time of a hole before them."""
    shift_s = recording.duration_s - LENGTH_S
    return [at_s - shift_s * (at_s > HOLE_S + 0.5) for at_s in twitches_s(recording)]


@pytest.mark.parametrize("name", SAME)
def test_read_as_it_was(tmp_path: Path, name: str) -> None:
    recording = outcome(write(tmp_path / "night.csv", SAME[name](good())))
    assert recording is not None
    assert recording.original_rate_hz == pytest.approx(RATE_HZ, rel=2e-3)
    np.testing.assert_allclose(in_place(recording), AT_S, atol=0.06)


@pytest.mark.parametrize("name", NO_TWITCH)
def test_refused_or_without_a_twitch(tmp_path: Path, name: str) -> None:
    recording = outcome(write(tmp_path / "night.csv", NO_TWITCH[name](good())))
    assert recording is None or twitches_s(recording) == []


@pytest.mark.parametrize(("one", "other"), list(combinations([*SAME, *NO_TWITCH], 2)))
def test_in_pairs_nothing_is_silently_wrong(tmp_path: Path, one: str, other: str) -> None:
    every = SAME | NO_TWITCH
    recording = outcome(write(tmp_path / "night.csv", every[other](every[one](good()))))
    if recording is not None:
        assert all(min(abs(found - at_s) for at_s in AT_S) < 0.1 for found in in_place(recording))
