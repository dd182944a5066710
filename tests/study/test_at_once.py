"""Several processes on one study at the same time: none undoes what another one did."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from twitchwatch.study.folder import open_folder
from twitchwatch.study.pseudonyms import read_key
from twitchwatch.study.register import study_in, wearers

PROCESSES, TIMES = 3, 20
ADDING = """
import sys
from datetime import date
from pathlib import Path
from twitchwatch.terminal.study_page import StudyPage

study, key, own, times = sys.argv[1:]
page = StudyPage(study, as_json=False)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(times)):
    page.add(Path(f"{own}.db"), f"{own}-{number}", Path(key), date(2026, 1, 2), age=None, sex="X")
"""
BEGINNING = """
import sys
from pathlib import Path
from twitchwatch.errors import UsageError
from twitchwatch.terminal.study_page import StudyPage

study, key, own, times = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(times)):
    try:
        StudyPage(f"{study}-{number}", as_json=False).init("Pilot", Path(f"{key}-{number}-{own}.json"))
    except UsageError as error:
        assert "already" in str(error)
"""


def at_once(program: str, study: Path, key: Path) -> None:
    """The program in several processes, which begin together once each has imported what it needs."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, study, key, str(own), str(TIMES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for own in range(PROCESSES)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
    for process in started:
        process.communicate()
        assert process.returncode == 0


def test_wearers_added_at_once_all_have_their_label(tmp_path, invoke):
    study, key = tmp_path / "study", tmp_path / "key.json"
    assert invoke("study", "init", study, "--name", "Pilot", "--key", key).code == 0
    at_once(ADDING, study, key)
    folder = open_folder(str(study))
    kept = read_key(key, study_in(folder).id)
    assert kept.wearers.keys() == {f"{own}-{at}" for own in range(PROCESSES) for at in range(TIMES)}
    assert {one.wearer for one in wearers(folder)} == {kept.pseudonym(label) for label in kept.wearers}
    assert key.stat().st_mode & 0o777 == 0o600


def test_of_studies_begun_at_once_in_a_folder_one_begins_and_has_its_key(tmp_path):
    at_once(BEGINNING, tmp_path / "study", tmp_path / "key")
    for number in range(TIMES):
        (key,) = tmp_path.glob(f"key-{number}-?.json")
        assert json.loads(key.read_text())["study"] == study_in(open_folder(f"{tmp_path}/study-{number}")).id
