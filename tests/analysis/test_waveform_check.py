"""The waveform check: modelled twitches pass, other motions do not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, lfilter

from twitchwatch.analysis.waveform_check import DISTURBANCE, HIGH_PASS_HZ, UNCLEAR, _high_pass, waveform_check
from twitchwatch.sim import backgrounds
from twitchwatch.sim.twitch import twitch_waveform

NOISE_MG = 0.65
RATE_HZ = 104.0


def seen(rng, motion_mg, before=16, length=64):
    """A waveform as the device sends it: gravity, noise, and what happened."""
    waveform = np.tile([300.0, -500.0, 800.0], (length, 1)) + NOISE_MG * rng.standard_normal((length, 3))
    fits = min(len(motion_mg), length - before)
    waveform[before : before + fits] += motion_mg[:fits]
    return waveform


def looks(make, reported, count=60, **kinds):
    rng = np.random.default_rng(7)
    return [waveform_check(seen(rng, make(rng)), RATE_HZ, reported, NOISE_MG) for _ in range(count)]


@pytest.mark.parametrize("peak_mg", [4, 8, 20, 60, 150, 290])
def test_hardly_a_twitch_is_doubted_and_none_is_refused(peak_mg):
    found = looks(lambda rng: twitch_waveform(rng, peak_mg=peak_mg), "twitch", count=200)
    assert sum(look.kind != "twitch" for look in found) <= 4
    assert not any(look.certain for look in found)


@pytest.mark.parametrize("reported", ["twitch", "jerk", "spasm"])
def test_a_reading_gone_wrong_is_a_disturbance(reported):
    def spike(rng):
        return np.vstack([np.zeros((3, 3)), rng.uniform(20, 2000) * np.eye(3)[[rng.integers(3)]]])

    assert {(look.kind, look.certain) for look in looks(spike, reported)} == {(DISTURBANCE, True)}


def test_a_blow_to_the_bed_is_no_twitch():
    found = looks(lambda rng: backgrounds.mattress_hit(rng, np.array([0.0, 0.6, 0.8])), "twitch")
    assert sum(look.certain and look.kind in (DISTURBANCE, UNCLEAR) for look in found) >= 54


def test_a_held_contraction_stays_a_spasm():
    def spasm(rng):
        return 20 * rng.standard_normal((60, 3))

    assert {look.kind for look in looks(spasm, "spasm")} == {"spasm"}


def test_a_twitch_told_as_a_spasm_is_recognised_but_not_by_certainty():
    found = looks(lambda rng: twitch_waveform(rng, peak_mg=20), "spasm")
    assert sum(look.kind == "twitch" for look in found) >= 55
    assert not any(look.certain for look in found)


def test_a_jerk_stays_a_jerk():
    def jerk(rng):
        return np.outer(900 * np.sin(2 * np.pi * (np.arange(20) + 0.5) / 20), [0.6, 0.8, 0.0])

    assert {look.kind for look in looks(jerk, "jerk")} == {"jerk"}


def test_direction_and_posture_do_not_matter():
    rng = np.random.default_rng(3)
    waveform = seen(rng, twitch_waveform(rng, peak_mg=12))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    first, other = (waveform_check(each, RATE_HZ, "twitch", NOISE_MG) for each in (waveform, waveform @ turn))
    assert other.explained == pytest.approx(first.explained)
    assert other.left == pytest.approx(first.left)


def test_nothing_is_said_of_what_cannot_be_judged():
    assert waveform_check(np.zeros((40, 3)), RATE_HZ, "twitch", NOISE_MG) is None
    assert waveform_check(np.zeros((64, 3)), RATE_HZ, "twitch", 0.0) is None


@pytest.mark.parametrize("rate_hz", [52.0, 104.0, 208.0])
def test_the_filter_is_that_of_scipy(rate_hz):
    b, a = butter(2, HIGH_PASS_HZ, "highpass", fs=rate_hz)
    motion = 100 * np.random.default_rng(3).standard_normal((64, 3))
    assert np.allclose(_high_pass(rate_hz, 64) @ motion, lfilter(b, a, motion, axis=0), atol=1e-9)
