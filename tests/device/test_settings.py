"""Settings: validated one by one, stored all or none, old or new after a power cut."""

from __future__ import annotations


def test_settings_are_stored_whole_or_not_at_all(device):
    (reported,) = device("settings.py", heap="400wK")
    assert reported["cuts"] >= 6
    assert [key for key, _ in reported["refused"]] == ["rendezvous_s"] * 5 + ["colour"] + ["name"] * 4
    assert reported["refused"][0] == ["rendezvous_s", "is a whole number from 60 to 3600"]
