"""Bits flipped anywhere in the file of a database: a small share of what bench/rot.py does."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bench import rot
from tests.damaging import flip

TRIALS = 12
NEVER = {rot.BUG, rot.SILENT, rot.NOT_FOUND}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> rot.Base:
    return rot.Base.build(tmp_path_factory.mktemp("built"))


@pytest.mark.parametrize("seed", range(TRIALS))
def test_nothing_is_wrong_without_a_word(built: rot.Base, tmp_path: Path, seed: int) -> None:
    happened = rot.trial(tmp_path, built, flip(built.whole, random.Random(seed), 8))
    assert not NEVER & happened


def test_it_would_be_noticed(built: rot.Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that counts what is damaged, as earlier versions did."""
    monkeypatch.setattr("twitchwatch.store.seals.is_sound", lambda _: True)
    monkeypatch.setattr("twitchwatch.store.connections.look_over", lambda _: set())
    happened: set[str] = set()
    for seed in range(40):
        happened |= rot.trial(tmp_path, built, flip(built.whole, random.Random(seed), 8))
        if rot.SILENT in happened:
            break
    assert rot.SILENT in happened
