"""Settings: validated one by one, stored all or none, old or new after a power cut."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.device.conftest import MICROPYTHON, ROOT
from twitchwatch.flash.board_scripts import set_name


def test_settings_are_stored_whole_or_not_at_all(device):
    (reported,) = device("settings.py", heap="400wK")
    assert reported["cuts"] >= 6
    assert [key for key, _ in reported["refused"]] == ["rendezvous_s"] * 5 + ["colour"] + ["name"] * 4
    assert reported["refused"][0] == ["rendezvous_s", "is a whole number from 60 to 3600"]


def test_a_flipped_bit_of_the_settings_gives_no_other_setting(device):
    (reported,) = device("flipping.py", "settings", heap="400wK")
    # A bit of the checksum's own name, for one, changes nothing.
    assert reported["bits"] * 0.9 < reported["said"] < reported["bits"]


def test_a_name_that_is_set_over_the_cable_leaves_the_settings_valid(tmp_path: Path) -> None:
    path = str(tmp_path / "settings.json")
    change = f"from twitchband.config import load, store\nstore({path!r}, {{'listen_s': 21}})\n"
    read = f"import twitchband.config as c\nfound = c.load({path!r})\n"
    read += "print(json.dumps([found['listen_s'], found['name'], c.fault]))\n"
    done = subprocess.run(
        [MICROPYTHON, "-c", change + set_name(path, "Left") + read],
        env={**os.environ, "MICROPYPATH": f"{ROOT}:{ROOT / 'firmware'}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [21, "Left", ""]
