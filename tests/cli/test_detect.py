"""`twitchwatch detect`, on real recordings and on bad ones."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from tests.cli.reference import SHAPES
from tests.cli.test_program import PROGRAM
from tests.laboratory.made import twitching_hand
from twitchwatch.errors import Exit
from twitchwatch.recording import write_csv

RATE_HZ = 100


@pytest.fixture(scope="module")
def recordings(data_dir, tmp_path_factory):
    """Real recordings as CSV: path by name."""
    folder = tmp_path_factory.mktemp("recordings")
    with np.load(data_dir / "pd_rest_tremor_100hz.npz") as stored:

        def convert(name):
            path = folder / f"{name}.csv"
            acc_g = stored[name] / stored["lsb_per_g"]
            write_csv(path, np.arange(len(acc_g)) / RATE_HZ, acc_g)
            return path

        healthy = [name for name in stored.files if name.startswith("CTRL_")]
        return {name: convert(name) for name in ("PD_815_1", "PD_811_1", *healthy)}


def tremors(lines):
    return [line for line in lines if line["kind"] == "tremor"]


def test_tremor_over_most_of_a_recording_by_the_real_program(recordings):
    ran = subprocess.run(
        [*PROGRAM, "detect", "--json", recordings["PD_815_1"]], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    bouts = tremors(lines)
    total_s = sum(bout["duration_s"] for bout in bouts)
    frequency_hz = sum(bout["frequency_hz"] * bout["duration_s"] for bout in bouts) / total_s
    assert frequency_hz == pytest.approx(4.5, abs=0.25)
    assert total_s > 0.75 * lines[-1]["duration_s"]


def test_one_tremor_where_there_is_one(recordings, invoke):
    bouts = tremors(invoke("detect", "--json", recordings["PD_811_1"]).lines)
    first = bouts[0]
    assert first["frequency_hz"] == pytest.approx(5.5, abs=0.25)
    assert first["start_s"] == pytest.approx(22.2, abs=0.5)
    assert first["start_s"] + first["duration_s"] == pytest.approx(34.9, abs=0.75)
    assert first["cycles"] == pytest.approx(first["duration_s"] * first["frequency_hz"], abs=1)


def test_healthy_hands_have_no_tremor(recordings, invoke):
    for name, path in recordings.items():
        if name.startswith("CTRL_"):
            assert not tremors(invoke("detect", "--json", path).lines), name


def test_seconds_add_up_and_lines_are_in_order_of_time(recordings, invoke):
    for path in recordings.values():
        *lines, summary = invoke("detect", "--json", path).lines
        assert [line["start_s"] for line in lines] == sorted(line["start_s"] for line in lines)
        spent = sum(summary[key] for key in ("rest_s", "moving_s", "not_worn_s", "unusable_s", "lost_s"))
        assert spent == pytest.approx(summary["duration_s"], abs=0.002)
        assert summary["tremor_s"] <= summary["rest_s"]
        for plural, kind in (("twitches", "twitch"), ("jerks", "jerk"), ("tremors", "tremor")):
            assert summary[plural] == sum(line["kind"] == kind for line in lines)


def test_json_has_exactly_the_documented_keys_in_order(recordings, invoke):
    seen = {}
    for path in recordings.values():
        for line in invoke("detect", "--json", path).lines:
            keys = list(line)[1:]
            assert seen.setdefault(line["kind"], keys) == keys
    for kind, keys in seen.items():
        assert keys == list(SHAPES["detect"][kind])
    assert seen.keys() >= {"twitch", "tremor", "movement", "summary"}


def test_the_page_for_people(recordings, invoke):
    page = invoke("detect", recordings["PD_811_1"]).out
    assert "PD_811_1.csv: 3.1 min at 100 Hz" in page
    assert "5.5 Hz" in page
    assert "in which twitches could be seen" in page
    assert page.endswith("This is not a diagnosis.\n")


def test_a_rate_has_its_interval_in_words_and_in_json(tmp_path, invoke):
    path = twitching_hand(tmp_path / "hand.csv", 3)
    rate = invoke("detect", "--json", path).lines[-1]["rate_per_h"]
    for end in ("low", "high"):
        low, high = rate[f"{end}_interval"]
        assert low < rate[end] < high
    low, high = rate["low_interval"]
    page = " ".join(invoke("detect", path).out.split())
    assert (
        f"{rate['low']:.0f} twitches an hour of known shape (95 % interval {low:.0f} to {high:.0f})" in page
    )


def quiet_csv(tmp_path, seconds=20.0, without=()):
    """A still sensor with a little noise; `without` are stretches (from_s, to_s) that were not recorded."""
    t_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    acc_g = np.random.default_rng(1).normal([0, 0, 1], 0.001, (len(t_s), 3))
    kept = np.ones(len(t_s), dtype=bool)
    for first_s, last_s in without:
        kept &= (t_s < first_s) | (t_s >= last_s)
    path = tmp_path / "quiet.csv"
    write_csv(path, t_s[kept], acc_g[kept])
    return path


def shaken_csv(path, seconds, *swings):
    """A still hand, and swings of 30 mg rms: (start_s, end_s, frequency_hz, wander: 0 if a machine)."""
    rng = np.random.default_rng(8)
    t_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    acc_g = rng.normal([0, 0.6, 0.8], 0.0006, (len(t_s), 3))
    for start_s, end_s, frequency_hz, wander in swings:
        wave = np.sin(2 * np.pi * (frequency_hz * t_s + wander * np.sin(t_s / 6)))
        acc_g[:, 0] += 0.03 * 2**0.5 * wave * ((t_s >= start_s) & (t_s < end_s))
    write_csv(path, t_s, acc_g)
    return path


def test_unlike_rates_are_stated_one_by_one(tmp_path, invoke):
    path = shaken_csv(tmp_path / "two.csv", 90, (10, 40, 4.0, 0.5), (55, 75, 9.0, 0.5))
    bouts = tremors(invoke("detect", "--json", path).lines)
    assert [bout["frequency_hz"] for bout in bouts] == [
        pytest.approx(4, abs=0.1),
        pytest.approx(9, abs=0.1),
    ]
    assert [bout["duration_s"] for bout in bouts] == [
        pytest.approx(30, abs=0.7),
        pytest.approx(20, abs=0.7),
    ]
    page = invoke("detect", path).out
    assert re.search(r"2 bouts, [\d.]+ s in all: 4\.0 Hz for [\d.]+ s, 9\.0 Hz for [\d.]+ s\.", page)


def test_a_machine_is_a_disturbance(tmp_path, invoke):
    path = shaken_csv(tmp_path / "machine.csv", 200, (5, 195, 8.0, 0))
    lines = invoke("detect", "--json", path).lines
    assert [line["kind"] for line in lines] == ["disturbance", "summary"]
    assert lines[0]["frequency_hz"] == pytest.approx(8, abs=0.05)
    assert lines[-1]["tremors"] == 0
    page = invoke("detect", path).out
    assert "Tremor: none found." in page
    assert "A machine shook the hand 8.0 times a second" in page


def test_gaps_are_reported_and_their_time_is_lost(tmp_path, invoke):
    path = quiet_csv(tmp_path, without=[(5.0, 8.0), (12.0, 12.5)])
    *lines, summary = invoke("detect", "--json", path).lines
    gaps = [line for line in lines if line["kind"] == "gap"]
    assert [list(gap)[1:] for gap in gaps] == [list(SHAPES["detect"]["gap"])] * 2
    long, short = gaps
    assert (long["start_s"], long["duration_s"]) == (
        pytest.approx(5, abs=0.02),
        pytest.approx(3, abs=0.02),
    )
    assert (long["bridged"], short["bridged"]) == (False, True)
    assert summary["lost_s"] == pytest.approx(3, abs=0.02)
    assert summary["bridged_s"] == pytest.approx(0.5, abs=0.02)
    page = invoke("detect", path).out
    assert "1 gap of more than 1 s" in page
    assert "1 gap of at most 1 s" in page


def edited(tmp_path, line, text):
    """The quiet recording with one line (counted from 1) replaced."""
    lines = quiet_csv(tmp_path).read_text().splitlines()
    lines[line - 1] = text
    path = tmp_path / "edited.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("line", "text", "said"),
    [
        (1, "t_s,ax_g,ay_g", "no known format"),
        (700, "2.00,0,0,1", "time runs backwards"),
        (700, "6.90,0,0,1", "runs backwards"),
        (700, "6.98,0,zero,1", "'zero' is not a number"),
    ],
)
def test_a_bad_line_is_named(tmp_path, invoke, line, text, said):
    path = edited(tmp_path, line, text)
    outcome = invoke("detect", "--json", path)
    assert (outcome.code, outcome.out) == (Exit.USAGE, "")
    assert outcome.err.startswith(f"twitchwatch: {path}, line {line}: ")
    assert said in outcome.err


@pytest.mark.parametrize("rate_hz", [10, 2000])
def test_a_rate_out_of_range_is_named(tmp_path, invoke, rate_hz):
    path = tmp_path / "rate.csv"
    acc_g = np.tile([0.0, 0.0, 1.0], (10 * rate_hz, 1))
    write_csv(path, np.arange(len(acc_g)) / rate_hz, acc_g)
    outcome = invoke("detect", path)
    assert (outcome.code, outcome.out) == (Exit.USAGE, "")
    assert f"{rate_hz} Hz and outside 20 to 1000 Hz" in outcome.err
    assert ", line " in outcome.err


@pytest.mark.parametrize("content", ["", "t_s,ax_g,ay_g,az_g\n", "\x00\x01\x02"])
def test_a_file_without_samples_is_refused(tmp_path, invoke, content):
    path = tmp_path / "empty.csv"
    path.write_text(content)
    outcome = invoke("detect", path)
    assert (outcome.code, outcome.out) == (Exit.USAGE, "")
    assert "line 1" in outcome.err


def test_a_file_that_is_not_there(tmp_path, invoke):
    outcome = invoke("detect", tmp_path / "none.csv")
    assert outcome.code == Exit.USAGE
    assert "none.csv: cannot be read" in outcome.err


def test_help_does_not_load_the_detector():
    script = (
        "import sys; from twitchwatch.cli.main import run; run(['detect', '--help']);"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'numba', 'scipy', 'rich')))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def test_progress_only_on_a_terminal(recordings):
    """A bar that is cleared in the end."""
    command = [*PROGRAM, "detect", recordings["PD_815_1"]]
    assert subprocess.run(command, check=True, capture_output=True).stderr == b""
    terminal, inner = os.openpty()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=inner)
    os.close(inner)
    shown = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    assert re.search(r"\[#* *\] +\d+% Converting PD_815_1", shown)
    assert re.search(r"\[#* *\] +\d+% Detecting  PD_815_1", shown)
    assert shown.endswith("\r\x1b[K")
