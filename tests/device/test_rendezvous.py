"""When the radio is given to whom, in a time that passes only when told."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

SOURCE = Path(__file__).parents[2] / "firmware" / "twitchband" / "rendezvous.py"
SECOND = 1_000_000


class Radio(SimpleNamespace):
    retry_us = 0

    def start(self, _: int) -> bool:
        self.on = True
        return True

    def stop(self) -> None:
        self.on = self.connected = False

    def poll(self, _: int) -> bool:
        return False

    def hang_up(self, _: int) -> None:
        self.connected = False


@pytest.fixture
def radio() -> Radio:
    return Radio(on=False, connected=False, heard=False)


@pytest.fixture
def live(radio: Radio):
    """A rendezvous that stays open, from time 0 on."""
    spec = importlib.util.spec_from_file_location("rendezvous", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    session = SimpleNamespace(live=True, live_asked=False, proven=False, finished=False, open=lambda: None)
    sync_session = module.Rendezvous(radio, session, {"rendezvous_s": 600, "listen_s": 15})
    sync_session.begin(0, True)
    sync_session.session = session
    return sync_session


def pass_until(sync_session, end_s: int, start_s: int = 0) -> None:
    for second in range(start_s, end_s + 1):
        sync_session.go_on(second * SECOND, True)


def test_who_comes_after_hours_of_nobody_has_time_to_prove_himself(live, radio: Radio) -> None:
    pass_until(live, 7200)
    radio.connected = True
    pass_until(live, 7250, 7201)
    assert radio.connected
    # But not for ever.
    pass_until(live, 7300, 7251)
    assert not radio.connected


def test_a_proved_host_that_falls_silent_is_let_go(live, radio: Radio) -> None:
    radio.connected = live.session.proven = True
    for second in range(0, 300, 15):
        radio.heard = True
        pass_until(live, second + 14, second)
        assert radio.connected
    pass_until(live, 299 + 61, 300)
    assert not radio.connected


def test_a_stranger_who_keeps_writing_makes_way(live, radio: Radio) -> None:
    radio.connected = True
    for second in range(62):
        radio.heard = True
        pass_until(live, second, second)
    assert not radio.connected
