"""The computer's number: drawn once, kept privately, and never guessed from a spoilt file."""

from __future__ import annotations

from pathlib import Path

import pytest

from twitchwatch.errors import ConfigurationError
from twitchwatch.link.host_identity import host_id


def test_it_is_drawn_once_and_kept_privately(tmp_path: Path) -> None:
    path = tmp_path / "own" / "data" / "host-id"
    drawn = host_id(path)
    assert host_id(path) == drawn == int(path.read_text(), 16)
    assert len(path.read_text()) == 16
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_all_of_its_64_bits_are_random(tmp_path: Path) -> None:
    drawn = [host_id(tmp_path / str(number)) for number in range(200)]
    # Each bit is there and is not there; the chance that it happens otherwise is 2 to the -192.
    ever, always = 0, -1
    for number in drawn:
        ever, always = ever | number, always & number
    assert (ever, always) == (2**64 - 1, 0)


@pytest.mark.parametrize("text", ["", "not hexadecimal"])
def test_a_spoilt_file_is_said_and_left(tmp_path: Path, text: str) -> None:
    path = tmp_path / "host-id"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="Delete it"):
        host_id(path)
    assert path.read_text() == text


def test_what_cannot_be_read_or_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "host-id").mkdir()
    with pytest.raises(ConfigurationError, match="Delete it"):
        host_id(tmp_path / "host-id")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="cannot be created"):
        host_id(tmp_path / "dangling" / "host-id")
