"""The account of bursts: the same detector, and as many bursts of each class as its kernels count."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twitchwatch.recording import account, candidates, recording_from_array
from twitchwatch.recording.detection import detect
from twitchwatch.shared.detector import bursts, pulses, verdicts
from twitchwatch.shared.protocol.records import JERK, MOVEMENT
from twitchwatch.sim.twitch import twitch_waveform

RATE_HZ = 104


def check(recording, changed=None) -> Counter[tuple[str, str]]:
    """The account of a recording, which must agree with what the plain detector reports about it."""
    plain, watched = detect(recording, changed), detect(recording, changed, account=True)
    assert plain.candidates is None
    assert watched.reported == plain.reported
    assert watched.events == plain.events
    counts = Counter(one.taken_for for one in watched.candidates)
    assert counts == {name: count for name, count in plain.live.bursts.items() if count}
    assert [one.sample for one in watched.candidates] == sorted(one.sample for one in watched.candidates)
    by_sample = {one.sample: one for one in watched.candidates}
    for event in plain.events:
        if event.kind not in (MOVEMENT, JERK):
            one = by_sample[event.sample]
            assert one.taken_for == candidates.KIND_CLASS[event.kind]
            assert (one.duration_ms, one.peak_ug, one.axis) == (event.duration_ms, event.peak_ug, event.axis)
            assert one.grade is None or one.grade == event.grade
    return Counter((one.taken_for, one.why) for one in watched.candidates)


def test_the_places_in_the_state_are_the_kernels():
    for name in (
        "ONSET",
        "ABOVE",
        "FINE",
        "COARSE",
        "CREST",
        "TOLD",
        "GRADE",
        "INDEX",
        "BURST",
        "SHARE",
        "RISE",
    ):
        assert getattr(account, name) == getattr(verdicts, f"_{name}"), name
    assert (account.CLASS_COUNTS, account.AXIS_INTS) == (verdicts._CLASSES, verdicts._AXIS)
    assert (account.HELD, account.SWAY) == (pulses._HELD, pulses._SWAY)
    assert account.CREST == bursts._CREST


@pytest.mark.parametrize("name", ["PD_815_1", "PD_801_1", "CTRL_899_1", "CTRL_890_1"])
def test_real_hands(data_dir, name):
    with np.load(data_dir / "pd_rest_tremor_100hz.npz") as stored:
        if name not in stored.files:
            name = next(one for one in stored.files if one.startswith("CTRL_"))
        acc_g = stored[name] / stored["lsb_per_g"]
    found = check(recording_from_array(acc_g, rate_hz=100))
    assert sum(found.values()) > 3


def hand(seed: int, seconds: float, twitches: int, peak_mg: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    acc_g = rng.normal([0, 0.6, 0.8], 0.0008, (round(seconds * RATE_HZ), 3))
    for at_s in np.sort(rng.uniform(3, seconds - 1, twitches)):
        wave = twitch_waveform(rng, peak_mg=peak_mg) / 1000
        at = round(at_s * RATE_HZ)
        acc_g[at : at + len(wave)] += wave[: len(acc_g) - at]
    return acc_g


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.integers(0, 10**6),
    st.integers(0, 60),
    st.sampled_from([4.0, 12.0, 60.0]),
    st.lists(st.tuples(st.floats(4, 60), st.floats(1.5, 6)), max_size=3),
    st.sampled_from(["", "stuck", "clipped", "beating", "shaking", "knocked"]),
)
def test_any_hand_any_gaps_any_fault(seed, twitches, peak_mg, gaps, fault):
    acc_g = hand(seed, 75, twitches, peak_mg)
    t_s = np.arange(len(acc_g)) / RATE_HZ
    within = (t_s > 20) & (t_s < 40)
    if fault == "stuck":
        acc_g[within, 1] = acc_g[0, 1]
    elif fault == "clipped":
        acc_g[within, 0] = np.where(np.sin(40 * t_s[within]) > 0, 3.9999, -3.9999)
    elif fault == "beating":
        for beat_s in np.arange(5, 70, 0.9):
            swing = np.exp(-(((t_s - beat_s) / 0.06) ** 2)) * np.sin(2 * np.pi * 9 * (t_s - beat_s))
            acc_g[:, 2] += 0.012 * swing
    elif fault == "shaking":
        acc_g[within, 0] += 0.03 * np.sin(2 * np.pi * 5 * t_s[within])
    elif fault == "knocked":
        acc_g[:: 7 * RATE_HZ, 1] += 0.2
    kept = np.ones(len(t_s), bool)
    for start_s, length_s in gaps:
        kept &= (t_s < start_s) | (t_s >= start_s + length_s)
    check(recording_from_array(acc_g[kept], t_s=t_s[kept]))


def test_why():
    beating = hand(3, 75, 0, 10)
    t_s = np.arange(len(beating)) / RATE_HZ
    for beat_s in np.arange(5, 70, 0.9):
        beating[:, 2] += (
            0.012 * np.exp(-(((t_s - beat_s) / 0.06) ** 2)) * np.sin(2 * np.pi * 9 * (t_s - beat_s))
        )
    assert check(recording_from_array(beating, rate_hz=RATE_HZ))["pulse", candidates.WHY["pulse"]] > 20
    knocked = hand(4, 61, 0, 10)
    # Larger single readings are replaced before the detector sees them.
    knocked[10 * RATE_HZ :: 7 * RATE_HZ, 1] += 0.03
    assert check(recording_from_array(knocked, rate_hz=RATE_HZ))["disturbance", candidates.SINGLE] > 4
    twitching = check(recording_from_array(hand(5, 61, 12, 60.0), rate_hz=RATE_HZ))
    assert twitching["twitch", candidates.WHY["twitch"]] >= 8
    slow = detect(recording_from_array(hand(5, 61, 12, 60.0)[::4], rate_hz=26), account=True)
    assert {one.why for one in slow.candidates} <= {candidates.UNSEEN}


def test_other_thresholds():
    # Not a whole number of minutes: what `close` decides on after the last one is in no count.
    acc_g = hand(6, 61, 20, 6.0)
    usual = check(recording_from_array(acc_g, rate_hz=RATE_HZ))
    other = check(recording_from_array(acc_g, rate_hz=RATE_HZ), {"likeness": 32767})
    assert usual["twitch", candidates.WHY["twitch"]] > other["twitch", candidates.WHY["twitch"]]
