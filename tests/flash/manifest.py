"""firmware/package.json, which `mpremote mip` reads: the sources that a XIAO ESP32-C3 gets.

python -m tests.flash.manifest      # writes it again
"""

from __future__ import annotations

import json
import os
from typing import Any

from twitchwatch import __version__
from twitchwatch.flash.package import firmware_folder, sources

FIRMWARE = firmware_folder()
PATH = FIRMWARE / "package.json"
BOARD = FIRMWARE / "boards" / "xiao_esp32c3"


def manifest() -> dict[str, Any]:
    """What belongs in the file: each name on the board with its source, as seen from the file."""
    urls = [
        [target, os.path.relpath(path.resolve(), FIRMWARE)]
        for target, path in sources(FIRMWARE, BOARD).items()
    ]
    return {"urls": sorted(urls), "deps": [], "version": __version__}


def text() -> str:
    """The file, a pair a line."""
    content = manifest()
    lines = ",\n".join(f"    {json.dumps(pair)}" for pair in content["urls"])
    return f'{{\n  "urls": [\n{lines}\n  ],\n  "deps": [],\n  "version": "{content["version"]}"\n}}\n'


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
