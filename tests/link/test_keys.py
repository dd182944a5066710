"""The key file: private, whole after any interruption, and never without the key that a sensor may hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twitchwatch.errors import ConfigurationError
from twitchwatch.link.keys import MAX_HOSTS, MAX_KEYS, Keys, with_host


def test_keys_are_kept_and_private(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "own" / "data" / "keys.json")
    assert keys.load() == {}
    key = keys.make("ring")
    assert len(key) == 16
    assert keys.load() == {"ring": [key]}
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert keys.path.parent.stat().st_mode & 0o777 == 0o700
    assert Keys.beside(keys.path.with_name("t.db")).path == keys.path


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


def test_seven_pairings_may_be_interrupted_and_the_sensor_s_key_is_still_among_them(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    made: list[bytes] = []
    for count in range(1, 12):
        made.insert(0, keys.make("ring"))
        # The newest seven, and the one that was the last to be confirmed.
        assert keys.load()["ring"] == (made if count <= 8 else [*made[:7], made[-1]])
    assert len(set(made)) == len(made)


def test_a_proof_of_what_is_known_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    key = keys.make("ring")
    before = keys.path.stat().st_ino
    keys.proved("ring", key)
    keys.proved("ring", bytes(16))
    keys.proved("unknown ring", key)
    assert keys.path.stat().st_ino == before
    assert keys.load() == {"ring": [key]}


def test_forgotten_keys_are_gone_and_the_others_stay(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    keys.make("ring")
    other = keys.make("other ring")
    assert keys.forget("ring")
    assert keys.load() == {"other ring": [other]}
    assert not keys.forget("ring")


def test_a_file_put_in_order_by_another_program_is_the_same_file(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    for hardware_id in ("ring b", "ring a", "ring c"):
        keys.make(hardware_id)
    before = keys.load()
    keys.path.write_text(json.dumps(json.loads(keys.path.read_text()), sort_keys=True))
    assert keys.load() == before


def test_a_file_that_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys.json").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Keys(tmp_path / "keys.json").load()
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        Keys(tmp_path / "dangling" / "keys.json").make("ring")


def test_what_an_interrupted_write_left_is_replaced(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    (tmp_path / "keys.json.part").write_text("half of")
    keys.make("ring")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys.json"]


@pytest.mark.parametrize("text", ["", "[]", "5", '{"ring": ["00"]}', '{"ring": "xx"}', '{"ring": 5}', "\x00"])
def test_a_spoilt_file_is_said_and_left(tmp_path: Path, text: str) -> None:
    keys = Keys(tmp_path / "keys.json")
    keys.path.write_text(text)
    with pytest.raises(ConfigurationError, match="rekey"):
        keys.make("ring")
    assert keys.path.read_text() == text


def test_no_flipped_bit_gives_another_key(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    for hardware_id in ("24:0A:C4:00:00:01", "24:0A:C4:00:00:02"):
        keys.make(hardware_id)
    before, whole = keys.load(), keys.path.read_bytes()
    said = 0
    for bit in range(8 * len(whole)):
        spoilt = bytearray(whole)
        spoilt[bit // 8] ^= 1 << bit % 8
        keys.path.write_bytes(spoilt)
        try:
            assert keys.load() == before
        except ConfigurationError:
            said += 1
    # The others change a space, or the case of a digit.
    assert said > 4 * len(whole)


def test_a_key_file_of_an_older_version_is_read(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    keys.path.write_text(json.dumps({"ring": ["00" * 16]}))
    assert keys.load() == {"ring": [bytes(16)]}
    keys.make("other ring")
    assert sorted(keys.load()) == ["other ring", "ring"]


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
