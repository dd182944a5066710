"""Settings and keys from the command line."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.cli.reference import SHAPES
from twitchwatch.errors import Exit
from twitchwatch.link.keys import Keys
from twitchwatch.sensor_settings import SETTINGS
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store

RING = "24:0A:C4:00:00:01"


@pytest.fixture
def own(database, tmp_path):
    """A copy of the database in which the ring has reported its settings."""
    path = shutil.copy(database, tmp_path / "own.db")
    with Store.open(path) as store:
        (ring,) = store.devices()
        reported = [
            (protocol.DEVICE_SETTINGS, {"name": "ring", "rendezvous_s": 600}),
            (protocol.DETECTOR_PARAMETERS, {"on_ratio": 52}),
            (protocol.DETECTOR_PARAMETERS, {"on_ratio": 60}),
        ]
        raws = [
            protocol.encode(
                protocol.SETTINGS,
                store.held_seq(ring.id) + i,
                1,
                10**12,
                (what, 1),
                json.dumps(held).encode(),
            )
            for i, (what, held) in enumerate(reported)
        ]
        store.commit(ring.id, raws, store.held_seq(ring.id), store.held_seq(ring.id) + len(raws), 0, 10**15)
    return path


def test_every_setting_has_its_line(invoke, own):
    outcome = invoke("settings", "show", "--json", "--database", own)
    assert outcome.code == 0
    assert [line["name"] for line in outcome.lines] == list(SETTINGS)
    shape = SHAPES["settings show"]["setting"]
    assert all(list(line)[1:] == list(shape) for line in outcome.lines)
    values = {line["name"]: line["value"] for line in outcome.lines}
    assert (values["on_ratio"], values["rendezvous_s"], values["hold"]) == (60, 600, None)


def test_a_change_waits_and_the_last_word_counts(invoke, own):
    for value in ("70", "80"):
        outcome = invoke("settings", "set", "on_ratio", value, "--database", own)
        assert outcome.code == 0
        assert "in the next sync session with ring" in outcome.out
    (line,) = invoke("settings", "show", "on_ratio", "--json", "--database", own).lines
    assert (line["asked"], line["state"]) == (80, "waits")
    with Store.open_existing(own) as store:
        (waiting,) = store.changes.of(RING, waiting=True)
        store.changes.answer(waiting.id, "refused: not today", 1)
    reported = invoke("settings", "show", "on_ratio", "--database", own).out
    assert "refused: not today" in reported
    assert "Source" in reported
    table = invoke("settings", "show", "--database", own).out
    assert "80 (refused: not today)" in table


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("on_ratio", "39", "from 40 to 511"), ("colour", "1", "settings show"), ("name", "x" * 30, "29 bytes")],
)
def test_what_cannot_be_is_said_at_once(invoke, own, name, value, words):
    outcome = invoke("settings", "set", name, value, "--database", own)
    assert outcome.code == Exit.USAGE
    assert words in outcome.err
    with Store.open_existing(own) as store:
        assert store.changes.of(RING) == []


def test_without_a_sensor_there_is_nothing_to_set(invoke, empty_database):
    for arguments in (("show",), ("set", "on_ratio", "60")):
        outcome = invoke("settings", *arguments, "--database", empty_database)
        assert outcome.code == Exit.USAGE
        assert "twitchwatch run" in outcome.err


def test_forgetting_deletes_the_key_and_nothing_else(invoke, own):
    keys = Keys.beside(own)
    keys.make(RING)
    keys.make("another")
    assert invoke("sensors", "--json", "--database", own).lines[0]["paired"] is True
    outcome = invoke("sensors", "forget", "ring", "--database", own)
    assert outcome.code == 0
    assert "records stay" in outcome.out
    assert list(keys.load()) == ["another"]
    assert keys.path.stat().st_mode & 0o777 == 0o600
    again = invoke("sensors", "forget", "ring", "--database", own)
    assert again.code == Exit.USAGE
    (line,) = invoke("sensors", "--json", "--database", own).lines
    assert line["paired"] is False
    assert line["records"] > 0
