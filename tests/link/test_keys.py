"""The key file: private, whole after any interruption, and never without the key that a sensor may hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twitchwatch.errors import ConfigurationError
from twitchwatch.link.keys import MAX_HOSTS, MAX_KEYS, Keys, with_host


def test_keys_are_kept_and_private(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "data" / "keys.json")
    assert keys.load() == {}
    key = keys.make("ring")
    assert len(key) == 16
    assert keys.load() == {"ring": [key]}
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert keys.path.parent.stat().st_mode & 0o777 == 0o700


def test_the_older_key_stays_until_one_is_proved(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    old, new = keys.make("ring"), keys.make("ring")
    assert keys.load()["ring"] == [new, old]
    newest = keys.make("ring")
    assert keys.load()["ring"] == [newest, new, old]
    keys.proved("ring", bytes(16))
    assert keys.load()["ring"] == [newest, new, old]
    keys.proved("ring", new)
    assert keys.load()["ring"] == [new]
    for _ in range(20):
        keys.make("ring")
    assert len(keys.load()["ring"]) == MAX_KEYS
    assert keys.load()["ring"][-1] == new


@pytest.mark.parametrize("text", ["", "[]", '{"ring": ["00"]}', '{"ring": "xx"}', "\x00"])
def test_a_spoilt_file_is_said_and_left(tmp_path: Path, text: str) -> None:
    keys = Keys(tmp_path / "keys.json")
    keys.path.write_text(text)
    with pytest.raises(ConfigurationError, match="rekey"):
        keys.make("ring")
    assert keys.path.read_text() == text


@pytest.mark.parametrize("stored", ["", "nonsense", "[1]", "{}"])
def test_a_device_that_knows_nobody_gets_this_host(stored: str) -> None:
    assert json.loads(with_host(stored, 7, bytes(16))) == {"0000000000000007": "00" * 16}


def test_other_hosts_stay_as_long_as_there_is_room() -> None:
    stored = ""
    for host_id in range(1, MAX_HOSTS + 3):
        stored = with_host(stored, host_id, bytes([host_id] * 16))
    assert [int(name, 16) for name in json.loads(stored)] == [6, 5, 4, 3]
    renewed = json.loads(with_host(stored, 4, bytes(16)))
    assert len(renewed) == MAX_HOSTS
    assert renewed["0000000000000004"] == "00" * 16
