"""What a device keeps of its hosts, under MicroPython and on littlefs."""

from __future__ import annotations


def test_keys_and_watermarks(device):
    (reported,) = device("hosts.py", heap="400wK")
    assert reported == {
        "no file": [False, None],
        "most": 4,
        "key": "02" * 16,
        "one": [0, 500],
        "two": [300, 500],
        "after a boot": [300, 500],
        "alone": [600, 600],
        "back": [310, 600],
        "full": [700, 700],
        "another log": [0, 0],
        "forgotten": [700, 700],
        "flipped": [864, 0],
        "ended": True,
    }
