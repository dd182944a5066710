"""Analyses: nothing is computed twice, nothing is lost, and what fails is named."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.laboratory.made import twitching_hand
from twitchwatch.errors import ConfigurationError, OutputError, UsageError
from twitchwatch.study.code import Code, code_of
from twitchwatch.study.partitions import checked, manifests, write_partition
from twitchwatch.study.query import query
from twitchwatch.study.register import strike
from twitchwatch.study.running import analyse, run
from twitchwatch.study.withdrawing import withdraw

COUNTS = "def sizes(night):\n    return {name: len(content) for name, content in night.files.items()}\n"
# Fails, or dies, the first time that it sees a night; what it has seen is in a folder outside of the study.
MOODY = """
import os, pathlib, signal
SEEN = pathlib.Path({seen!r})
def moody(night):
    mark = SEEN / (night.wearer + night.night)
    if not mark.exists():
        mark.touch()
        {then}
    return {{"bytes": len(night.files["nights.parquet"])}}
"""


def moody(tmp_path: Path, then: str) -> Code:
    seen = tmp_path / "seen"
    seen.mkdir()
    return Code("moody", MOODY.format(seen=str(seen), then=then))


def results(pilot) -> dict[str, bytes]:
    return {name: pilot.folder.read(name) for name in pilot.folder.names("results", ".json")}


def test_a_second_run_computes_nothing_and_a_changed_analysis_everything(pilot):
    found, _ = manifests(pilot.folder)
    first = run(pilot.folder, Code("sizes", COUNTS), workers=2)
    assert (first.computed, first.before, first.failed) == (len(found), 0, {})
    kept = results(pilot)
    again = run(pilot.folder, Code("sizes", COUNTS), workers=2)
    assert (again.computed, again.before) == (0, len(found))
    assert results(pilot) == kept
    other = run(pilot.folder, Code("sizes", COUNTS + "# changed\n"), workers=2)
    assert other.computed == len(found)


def test_the_table_has_the_results(pilot):
    run(pilot.folder, code_of("kinds"), workers=1)
    rows = query(
        pilot.folder,
        "SELECT n.twitches, CAST(json_extract(r.result, '$.twitch') AS INTEGER) AS again FROM results r"
        " JOIN nights n ON r.wearer = n.wearer AND r.night = CAST(n.night AS VARCHAR) WHERE n.twitches > 0",
    ).table.to_pylist()
    assert len(rows) > 10
    assert all(row["twitches"] == row["again"] for row in rows)


def test_a_changed_night_has_one_result_and_its_former_one_is_kept_apart(pilot):
    run(pilot.folder, Code("sizes", COUNTS), workers=1)
    found, _ = manifests(pilot.folder)
    changed = write_partition(
        pilot.folder, found[0], {**checked(pilot.folder, found[0]), "more.parquet": b"more"}
    )
    before = query(pilot.folder, "FROM results").table.to_pylist()
    assert len(before) == len(found) - 1
    run(pilot.folder, Code("sizes", COUNTS), workers=1)
    rows = query(pilot.folder, "FROM results").table.to_pylist()
    assert len(rows) == len(found)
    (own,) = [row for row in rows if (row["wearer"], row["night"]) == (changed.wearer, changed.night)]
    assert json.loads(own["result"])["more.parquet"] == 4
    (former,) = query(pilot.folder, "FROM former_results").table.to_pylist()
    assert {**own, **dict.fromkeys(("partition", "result"))} == {
        **former,
        **dict.fromkeys(("partition", "result")),
    }
    assert former["partition"] != own["partition"]


def test_the_version_of_an_analysis_that_ran_last_has_the_current_results(pilot):
    versions = [Code("sizes", f"def sizes(night):\n    return {{'version': {at}}}\n") for at in (1, 2)]
    sql = "SELECT DISTINCT analysis, CAST(json_extract(result, '$.version') AS INTEGER) AS n FROM {}"
    for at in (0, 1, 0):
        run(pilot.folder, versions[at], workers=1)
        assert query(pilot.folder, sql.format("results")).table.to_pylist() == [
            {"analysis": "sizes", "n": at + 1}
        ]
    run(pilot.folder, code_of("kinds"), workers=1)
    assert query(pilot.folder, sql.format("former_results")).table.to_pylist() == [
        {"analysis": "sizes", "n": 2}
    ]
    Path(pilot.folder.path("analyses/sizes.json")).write_text("{")
    assert query(pilot.folder, "FROM results").skipped.keys() == {"analyses/sizes.json"}
    withdraw(pilot.folder, pilot.key, "0003", date(2026, 2, 1))
    gone = pilot.key.pseudonym("0003")
    assert not [name for name in results(pilot) if gone in name]


def test_what_fails_once_is_tried_again(pilot, tmp_path):
    found, _ = manifests(pilot.folder)
    done = run(pilot.folder, moody(tmp_path, "raise RuntimeError('no')"), workers=2)
    assert (done.computed, done.failed) == (len(found), {})


def test_what_always_fails_is_named_and_the_others_are_done(pilot, invoke, tmp_path):
    script = tmp_path / "mine.py"
    wearer = pilot.key.pseudonym("0002")
    script.write_text(
        f"def mine(night):\n    assert night.wearer != {wearer!r}, 'not this one'\n    return {{}}\n"
    )
    outcome = invoke("study", "run", pilot.address, f"{script}:mine", "--workers", "1", "--json")
    assert outcome.code == 6
    failed = outcome.lines[0]["failed"]
    own = [one.place for one in manifests(pilot.folder)[0] if one.wearer == wearer]
    assert sorted(failed) == sorted(own)
    assert set(failed.values()) == {"AssertionError: not this one"}


def test_a_killed_process_loses_nothing_and_the_results_are_the_same(pilot, tmp_path):
    found, _ = manifests(pilot.folder)
    code = moody(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    total = 0
    # Each kill breaks the pool: three in a run, then the run ends and says what is lacking.
    for _ in range(len(found)):
        done = run(pilot.folder, code, workers=2)
        total += done.computed
        if not done.failed:
            break
    assert total == len(found)
    kept = results(pilot)
    for name in kept:
        pilot.folder.fs.rm_file(pilot.folder.path(name))
    assert run(pilot.folder, code, workers=1).failed == {}
    assert results(pilot) == kept


def test_who_withdraws_during_a_run_leaves_no_result(pilot, tmp_path):
    """Withdrawn between the check of its files and the write of its result."""
    found, _ = manifests(pilot.folder)
    gone = next(one for one in found if one.wearer == pilot.key.pseudonym("0003"))
    withdrawal = (
        "def leaves(night):\n"
        "    from twitchwatch.study.folder import open_folder\n"
        "    from twitchwatch.study.register import strike\n"
        "    from datetime import date\n"
        f"    strike(open_folder({pilot.address!r}), night.wearer, date(2026, 2, 1))\n"
        "    return {}\n"
    )
    assert analyse(pilot.address, Code("leaves", withdrawal), gone) == ("withdrawn", "")
    assert results(pilot) == {}
    withdraw(pilot.folder, pilot.key, "0003", date(2026, 2, 1))
    done = run(pilot.folder, Code("sizes", COUNTS), workers=1)
    assert all(gone.wearer not in name for name in results(pilot))
    assert done.failed == {}


def test_a_full_disk_ends_the_run_and_a_later_one_gives_the_same(pilot):
    run(pilot.folder, Code("sizes", COUNTS), workers=1)
    kept = results(pilot)
    pilot.folder.remove("results")
    # A file where the folder of the results would be: no result can be written.
    blocked = Path(pilot.folder.path("results"))
    blocked.write_text("")
    with pytest.raises(OutputError, match="run it again"):
        run(pilot.folder, Code("sizes", COUNTS), workers=1)
    blocked.unlink()
    run(pilot.folder, Code("sizes", COUNTS), workers=1)
    assert results(pilot) == kept


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("nothing", "not an analysis"),
        ("missing.py:mine", "cannot be read"),
        ("{tmp}/mine.py:other", "no function"),
        ("{tmp}/bad.py:mine", "cannot be loaded"),
    ],
)
def test_an_analysis_that_cannot_be_used_is_named(wanted, said, tmp_path):
    (tmp_path / "mine.py").write_text("def mine(night):\n    return {}\n")
    (tmp_path / "bad.py").write_text("import no_such_module\n")
    with pytest.raises(UsageError, match=said):
        code_of(wanted.format(tmp=tmp_path))


@pytest.mark.parametrize("then", ["raise SystemExit(3)", "import sys; sys.exit()"])
def test_an_analysis_that_ends_its_process_stops_no_other(pilot, tmp_path, then):
    found, _ = manifests(pilot.folder)
    wearer = pilot.key.pseudonym("0002")
    code = Code(
        "mine", f"def mine(night):\n    if night.wearer == {wearer!r}:\n        {then}\n    return {{}}\n"
    )
    done = run(pilot.folder, code, workers=1)
    own = [one.place for one in found if one.wearer == wearer]
    assert sorted(done.failed) == sorted(own)
    assert done.computed == len(found) - len(own)
    (tmp_path / "mine.py").write_text(f"{then}\n")
    with pytest.raises(UsageError, match="cannot be loaded"):
        code_of(f"{tmp_path}/mine.py:mine")


@pytest.mark.parametrize("workers", [1, 2])
def test_nights_that_always_kill_their_process_stop_no_other(pilot, workers):
    found, _ = manifests(pilot.folder)
    bad = [found[at] for at in (0, 1, len(found) // 2)]
    places = [(one.wearer, one.night) for one in bad]
    code = Code(
        "dies",
        "import os\ndef dies(night):\n"
        f"    if (night.wearer, night.night) in {places!r}:\n        os._exit(1)\n    return {{}}\n",
    )
    done = run(pilot.folder, code, workers=workers)
    assert sorted(done.failed) == sorted(one.place for one in bad)
    assert done.computed == len(found) - len(bad)


def test_what_an_analysis_prints_is_not_among_the_lines_of_json(pilot, tmp_path):
    (tmp_path / "mine.py").write_text("print('loud')\ndef mine(night):\n    print('louder')\n    return {}\n")
    program = Path(sys.executable).with_name("twitchwatch")
    ran = subprocess.run(
        [program, "study", "run", pilot.address, f"{tmp_path}/mine.py:mine", "--workers", "1", "--json"],
        capture_output=True,
        check=True,
    )
    assert json.loads(ran.stdout)["failed"] == {}
    assert b"louder" in ran.stderr


def test_a_damaged_result_is_named_and_one_of_a_withdrawn_wearer_is_not_shown(pilot, invoke):
    run(pilot.folder, Code("sizes", COUNTS), workers=1)
    (name, *_) = results(pilot)
    Path(pilot.folder.path(name)).write_text("{")
    Path(pilot.folder.path("results/notes.json")).write_text("[]")
    answer = query(pilot.folder, "SELECT count(*) AS n FROM results")
    assert answer.skipped.keys() == {name}
    assert answer.table.to_pylist() == [{"n": len(results(pilot)) - 2}]
    assert query(pilot.folder, "FROM former_results").skipped.keys() == {"results/notes.json"}
    gone = pilot.key.pseudonym("0003")
    strike(pilot.folder, gone, date(2026, 2, 1))
    people = query(pilot.folder, "SELECT DISTINCT wearer FROM results").table.to_pylist()
    assert gone not in {one["wearer"] for one in people}
    withdraw(pilot.folder, pilot.key, "0003", date(2026, 2, 1))
    assert not [name for name in results(pilot) if gone in name]


class Cluster:
    """A Dask scheduler with one worker, as processes of their own."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "scheduler.json"
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, workers: int = 1) -> str:
        by_file = ("--scheduler-file", self._file, "--no-dashboard")
        self.scheduler = self._spawn("scheduler", "--port", "0", *by_file)
        for _ in range(workers):
            self._spawn("worker", "--nthreads", "1", *by_file)
        from distributed import Client

        with Client(scheduler_file=str(self._file), timeout="60s") as client:
            client.wait_for_workers(workers, timeout=60)
            return str(client.scheduler.address)

    def stop(self) -> None:
        for process in self._running:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def _spawn(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        program = Path(sys.executable).with_name("dask")
        process = subprocess.Popen(
            [program, *arguments],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "DASK_DISTRIBUTED__WORKER__DAEMON": "False"},
        )
        self._running.append(process)
        return process


@pytest.fixture
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.stop()


def test_a_cluster_gives_what_one_computer_gives(pilot, cluster, invoke):
    run(pilot.folder, code_of("kinds"), workers=1)
    kept = results(pilot)
    pilot.folder.remove("results")
    outcome = invoke("study", "run", pilot.address, "kinds", "--scheduler", cluster.start(), "--json")
    assert outcome.code == 0
    assert outcome.lines[0]["computed"] == len(kept)
    assert results(pilot) == kept


@pytest.mark.parametrize("on_cluster", [False, True])
def test_who_withdraws_by_the_command_while_a_run_goes_on_leaves_nothing(pilot, cluster, on_cluster):
    """The first night of a wearer that is analysed withdraws them, while others of theirs are under way."""
    gone = pilot.key.pseudonym("0003")
    found, _ = manifests(pilot.folder)
    command = [str(Path(sys.executable).with_name("twitchwatch")), "study", "withdraw", pilot.address]
    command += ["--wearer", "0003", "--key", str(pilot.key.path)]
    leaving = (
        "import subprocess\n"
        "def sizes(night):\n"
        f"    if night.wearer == {gone!r}:\n"
        f"        subprocess.run({command!r}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "    return {}\n"
    )
    scheduler = cluster.start(2) if on_cluster else None
    done = run(pilot.folder, Code("sizes", leaving), workers=2, scheduler=scheduler)
    own = [one for one in found if one.wearer == gone]
    assert (done.computed, done.withdrawn, done.failed) == (len(found) - len(own), len(own), {})
    left = [name for name in pilot.folder.names("", "") if gone in name]
    assert left == [f"wearers/{gone}.json"]
    assert "0003" not in json.loads(pilot.key.path.read_text())["wearers"]


def test_a_killed_scheduler_is_said_and_the_next_run_continues(pilot, cluster, tmp_path):
    """The analysis kills the scheduler itself, in the middle of the run."""
    address = cluster.start()
    killing = (
        "import os, signal\n"
        "def sizes(night):\n"
        f"    if night.wearer == {pilot.key.pseudonym('0002')!r}:\n"
        f"        os.kill({cluster.scheduler.pid}, signal.SIGKILL)\n"
        "    return {}\n"
    )
    with pytest.raises(ConfigurationError, match="is gone"):
        run(pilot.folder, Code("sizes", killing), scheduler=address)
    found, _ = manifests(pilot.folder)
    harmless = Code("sizes", COUNTS)
    assert run(pilot.folder, harmless, workers=1).computed == len(found)


def test_a_scheduler_that_is_not_there_is_said(pilot):
    with pytest.raises(ConfigurationError, match="No scheduler answers"):
        run(pilot.folder, code_of("kinds"), scheduler="tcp://127.0.0.1:9")
    assert json.dumps(results(pilot)) == "{}"


def test_the_detector_on_raw_samples_gives_what_detect_gives(pilot, tmp_path, invoke):
    path = twitching_hand(tmp_path / "hand.csv", 3)
    outcome = invoke(
        *("study", "attach", pilot.address, path, "--night", "2026-01-05", "--wearer", "0001"),
        *("--key", pilot.key.path),
    )
    assert outcome.code == 0
    assert run(pilot.folder, code_of("redetect"), workers=1).failed == {}
    sql = "SELECT result FROM results WHERE result LIKE '%\"raw\": true%'"
    (row,) = query(pilot.folder, sql).table.to_pylist()
    result = json.loads(row["result"])
    summary = invoke("detect", "--json", path).lines[-1]
    assert result["events"]["twitch"] == summary["twitches"] == 3
    assert result["hours"] == pytest.approx(summary["duration_s"] / 3600, abs=0.001)
