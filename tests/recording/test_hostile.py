"""Whatever bytes a file has, it is read or refused in words: never a traceback."""

from __future__ import annotations

import argparse
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.recording.test_binary import MADE
from tests.recording.test_formats import FILES
from twitchwatch.errors import TwitchwatchError
from twitchwatch.recording import read_recording
from twitchwatch.recording.stated import stated

PIECES = [
    b",", b";", b"\t", b"\n", b"\r\n", b'"', b"#", b".", b"-", b"e", b"1", b"0", b"nan", b"inf", b"\0",
    b"\xff", b"99999999999999999999", b"1e308", b"-0", b"2026-03-01 23:00:00", b"24:61:99:1",
    b"31/13/2026 25:00:00",
    b"t_s,ax_g,ay_g,az_g\n", b"time,x,y,z\n", b"PK\x03\x04", b"\x1f\x8b", b"\xff\xfe", b"\xef\xbb\xbf",
]  # fmt: skip
TEXTS = [content.encode() for content, *_ in FILES.values()]


def refused(content: bytes) -> str:
    """Why the file was refused, with FILE for its name; nothing if it was read."""
    with tempfile.NamedTemporaryFile() as file, warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        file.write(content)
        file.flush()
        try:
            read_recording(Path(file.name))
        except TwitchwatchError as refusal:
            return str(refusal).replace(file.name, "FILE")
    return ""


def read(content: bytes) -> None:
    said = refused(content)
    assert not said or "FILE" in said


def test_a_damaged_rate_in_a_header() -> None:
    whole = next(content for content in TEXTS if b"Measurement Frequency" in content)
    for rate in (b",.100.0 Hz", b",..", b",1.2.3", b","):
        read(whole.replace(b",100.0 Hz", rate))


@st.composite
def damaged(draw: st.DrawFn, whole: list[bytes]) -> bytes:
    content = bytearray(draw(st.sampled_from(whole)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)))
        match draw(st.sampled_from(["insert", "replace", "cut", "remove", "repeat"])):
            case "insert":
                content[at:at] = piece
            case "replace":
                content[at : at + len(piece)] = piece
            case "cut":
                del content[max(at, 1) :]
            case "remove":
                del content[at : at + draw(st.integers(1, 4000))]
            case "repeat":
                content[at:at] = content[at : at + draw(st.integers(1, 4000))]
    return bytes(content)


@given(damaged(TEXTS))
def test_damaged_text(content: bytes) -> None:
    read(content)


@given(st.one_of(st.binary(max_size=4000), st.lists(st.sampled_from(PIECES), max_size=200).map(b"".join)))
def test_any_bytes(content: bytes) -> None:
    read(content)


@pytest.mark.parametrize("make", MADE)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_binary(tmp_path: Path, make, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    whole = make(tmp_path / "whole").read_bytes()
    read(data.draw(damaged([whole])))


@given(*[st.none() | st.text(max_size=20)] * 3)
def test_what_is_stated(units: str | None, start: str | None, columns: str | None) -> None:
    with suppress(TwitchwatchError):
        stated(None, units, start, columns)


def main() -> None:
    """Many more inputs than the suite has time for: `python -m tests.recording.test_hostile 1000000`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("inputs", type=int)
    parser.add_argument(
        "--binary", action="store_true", help="damaged binary files, which take ten times as long"
    )
    asked = parser.parse_args()
    count = asked.inputs
    many = settings(
        max_examples=count,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=False,
    )
    short = [content[:1500] for content in TEXTS]
    inputs = st.one_of(damaged(short), damaged(TEXTS), st.binary(max_size=4000))
    if asked.binary:
        with tempfile.TemporaryDirectory() as folder:
            inputs = damaged([make(Path(folder, "whole")).read_bytes() for make in MADE])
    many(given(inputs)(read))()
    print(f"{count} inputs: each was read, or refused in words.")


if __name__ == "__main__":
    main()
