"""uPlot, the chart library: fetched once from npm, checked by its hash, kept outside the project.

    python -m twitchwatch.web.vendor

Without it the pages show their tables. https://github.com/leeoniya/uPlot, MIT.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "1.6.32"
# Of the package file, as npm publishes it (`npm view uplot@1.6.32 dist.integrity`).
SHA512 = "KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw=="
FILES = ("package/dist/uPlot.iife.min.js", "package/dist/uPlot.min.css", "package/LICENSE")
TIMEOUT_S = 60


def folder() -> Path:
    """Where it is kept: in the environment's own folder, so that it goes away with it."""
    return Path(sys.prefix) / "share" / "twitchwatch" / f"uplot-{VERSION}"


def present() -> bool:
    """Whether it is here."""
    return all((folder() / Path(name).name).is_file() for name in FILES)


def fetch() -> str:
    """Fetch it if it is missing; returns a message about it, empty if it is here."""
    if present():
        return ""
    npm = shutil.which("npm")
    if npm is None:
        return "The dashboard shows tables instead of charts: npm, which fetches uPlot, is not installed."
    with tempfile.TemporaryDirectory(prefix="twitchwatch-uplot-") as name:
        try:
            done = subprocess.run(
                [npm, "pack", "--silent", f"uplot@{VERSION}"],
                cwd=name,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"The dashboard shows tables instead of charts: fetching uPlot failed ({error})."
        package = Path(name) / f"uplot-{VERSION}.tgz"
        if done.returncode != 0 or not package.is_file():
            reason = done.stderr.strip().splitlines()[-1:] or [f"npm ended with {done.returncode}"]
            return f"The dashboard shows tables instead of charts: fetching uPlot failed ({reason[0]})."
        return _unpack(package.read_bytes())


def _unpack(package: bytes) -> str:
    found = base64.b64encode(hashlib.sha512(package).digest()).decode()
    if found != SHA512:
        return f"The dashboard shows tables instead of charts: what npm delivered is not uPlot {VERSION}."
    folder().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder().parent) as name:
        made = Path(name) / "made"
        made.mkdir()
        with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
            for one in FILES:
                content = archive.extractfile(one)
                if content is None:
                    raise ValueError(f"{one} is not a file in uPlot's package")
                (made / Path(one).name).write_bytes(content.read())
        shutil.rmtree(folder(), ignore_errors=True)
        os.replace(made, folder())
    return ""


def main() -> None:
    """Fetch it, and return what is missing."""
    if words := fetch():
        print(words, file=sys.stderr)


if __name__ == "__main__":
    main()
