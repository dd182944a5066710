"""What MicroPython's ESP32 port does, transcribed from its source: one chip's and release's column."""

import json

_RELEASES = ("1.24", "1.25", "1.26", "1.27", "1.28", "1.29")
_CHIPS = ("ESP32", "ESP32C3", "ESP32S3")


def column(release: str, chip: str) -> dict:  # type: ignore[type-arg]
    """Each fact's value. Raises ValueError if the table has no such release ("1.28") or chip ("ESP32C3").

    Sources of each row: esp32_port.json, and docs/esp32-port.md, which is written from it.
    """
    if release not in _RELEASES or chip not in _CHIPS:
        raise ValueError(f"no release {release} on {chip} in the port's table")
    facts = {}
    # One row a line, so that a small heap never holds the whole table.
    with open(__file__.rsplit(".", 1)[0] + ".json", encoding="utf-8") as table:
        for line in table:
            line = line.strip().rstrip(",")
            if line in ("[", "]"):
                continue
            row = json.loads(line)
            if release in row["releases"] and chip in row["chips"]:
                facts[row["fact"]] = row["value"]
    return facts
