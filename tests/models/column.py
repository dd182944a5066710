"""Prints every fact of every column of the port's table: run by CPython and by MicroPython."""

import json
import sys

sys.path.insert(0, sys.argv[1])

from models.esp32_port import column


def ordered(value):
    """Pairs for a dict, in order of its keys: both JSON writers then give the same text."""
    if isinstance(value, dict):
        return [[key, value[key]] for key in sorted(value)]
    return value


for release in ("1.24", "1.25", "1.26", "1.27", "1.28", "1.29"):
    for chip in ("ESP32", "ESP32C3", "ESP32S3"):
        facts = column(release, chip)
        for fact in sorted(facts):
            print(json.dumps([release, chip, fact, ordered(facts[fact])]))
