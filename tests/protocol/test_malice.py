"""A small share of `python -m bench.hostile`; and what it would be if something were accepted."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from bench.hostile import MAX_GROWN, TARGETS, BrokenError, Malice, attack, attack_over_the_air
from twitchwatch.shared.protocol.seal import Opener


def test_hostile_frames_of_every_kind() -> None:
    counts, grown = attack(20_000, 3)
    assert {name for name, _ in counts} == set(TARGETS)
    assert grown < MAX_GROWN


async def test_hostile_writes_to_the_real_firmware(tmp_path: Path) -> None:
    assert await attack_over_the_air(150, tmp_path) == 150


def test_a_repeated_frame_that_is_believed_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(self: Opener, sealed: bytes) -> tuple[int, bytes] | None:
        self._next = 0
        return honest(self, sealed)

    honest = Opener.open
    monkeypatch.setattr(Opener, "open", forgetful)
    guest = TARGETS["device, in a session"](Malice(1))
    with pytest.raises(BrokenError):
        list(islice(guest, 2000))
