"""Links and paths in all documents: each relative link, anchor and named path exists, each page is listed.

python -m tests.links
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from tests.markdown import anchors, code, links
from tests.wording import ROOT, tracked

FOLDERS = (
    "bench",
    "docs",
    "firmware",
    "hardware",
    "host",
    "shared",
    "tests",
    "validation",
    ".ci",
    ".github",
    ".devcontainer",
)
# Its links are the website's navigation.
INDEX = "docs/index.md"
LISTED = ("docs", "hardware", "protocol")
# A path of the repository, perhaps with a pattern; another project's path begins otherwise.
PATH = re.compile(rf"(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./*-]*")
# A file's name alone, of this project's own kinds.
FILE = re.compile(r"\w+\.py")
# `python -m bench.power`
MODULE = re.compile(r"python -m ((?:bench|tests|validation)[\w.]*)")
# Named though they are not here: MicroPython's own.
ELSEWHERE = ("tests/micropython/", "main.py", "boot.py")


def broken(name: str, root: Path = ROOT) -> Iterator[tuple[int, str]]:
    """What one document points at that is not there, with its line."""
    page = root / name
    content = page.read_text(encoding="utf-8")
    for line, target in links(content):
        where, _, anchor = target.partition("#")
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        goal = (page.parent / unquote(where)).resolve() if where else page
        if not goal.exists():
            yield line, f"no such file: {target}"
        elif anchor and goal.suffix == ".md" and anchor not in anchors(goal.read_text(encoding="utf-8")):
            yield line, f"no such heading: {target}"
    files = {PurePosixPath(one).name for one in tracked(root)}
    for line, span in code(content):
        if span.startswith(ELSEWHERE):
            continue
        if PATH.fullmatch(span) and not any(root.glob(span.rstrip("/"))):
            yield line, f"no such path: {span}"
        if FILE.fullmatch(span) and span not in files:
            yield line, f"no file of that name: {span}"
        for module in MODULE.findall(span):
            goal = root / module.replace(".", "/")
            if not (goal.with_suffix(".py").exists() or goal.is_dir()):
                yield line, f"no such module: {module}"


def unlisted(root: Path = ROOT) -> Iterator[str]:
    """Pages of the documents that the index does not link to, so that the website has no place for them."""
    index = root / INDEX
    listed = {
        (index.parent / unquote(target)).resolve() for _, target in links(index.read_text(encoding="utf-8"))
    }
    for name in tracked(root):
        page = root / name
        if page.suffix == ".md" and page.parent.name in LISTED and page not in (index, *listed):
            yield name


def main() -> int:
    """0 if all is there."""
    lines = [
        f"{name}:{line}: {what}" for name in tracked() if name.endswith(".md") for line, what in broken(name)
    ]
    lines += [f"{name}: not in {INDEX}: add a line there" for name in unlisted()]
    print("\n".join(lines), end="\n" if lines else "")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
