"""Banned constructions (docs/banned.toml) in documents, docstrings, help and messages: none may be added.

python -m tests.wording            fails for new ones
python -m tests.wording --write    keeps the lower counts after some were mended
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.markdown import prose

ROOT = Path(__file__).parents[1]
BANNED = ROOT / "docs" / "banned.toml"
BASELINE = ROOT / "docs" / "banned-baseline.json"
# It quotes what it bans.
QUOTES = ("docs/style.md", "docs/glossary.md")

Counts = dict[str, Counter[str]]


@dataclass(frozen=True)
class Found:
    """One occurrence: `rule` is its pattern."""

    path: str
    line: int
    rule: str
    text: str


def rules() -> dict[str, str]:
    """What to write instead, for each pattern."""
    rows = tomllib.loads(BANNED.read_text(encoding="utf-8"))["banned"]
    return {row["pattern"]: row["instead"] for row in rows}


def tracked(root: Path = ROOT) -> list[str]:
    """Every *.md and *.py that git knows or would add."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md", "*.py"]
    listed = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True)
    return sorted({name for name in listed.stdout.splitlines() if (root / name).is_file()})


def spoken(source: str, messages: bool) -> Iterator[tuple[int, str]]:
    """Every text in Python source if `messages`, else its docstrings alone; with their lines."""
    for node in ast.walk(ast.parse(source)):
        if messages and isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value
        elif not messages and isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ):
            yield getattr(node, "lineno", 1), ast.get_docstring(node) or ""


def texts(name: str, content: str) -> Iterator[tuple[int, str]]:
    """What a person reads in one file. Of tests, the docstrings alone: they quote what programs print."""
    return prose(content) if name.endswith(".md") else spoken(content, not name.startswith("tests/"))


def found(names: list[str], root: Path = ROOT) -> list[Found]:
    """Every occurrence in these files."""
    patterns = {rule: re.compile(rule, re.IGNORECASE) for rule in rules()}
    return [
        Found(name, line, rule, match[0])
        for name in names
        if name not in QUOTES
        for line, text in texts(name, (root / name).read_text(encoding="utf-8"))
        for rule, pattern in patterns.items()
        for match in pattern.finditer(" ".join(text.split()))
    ]


def counted(occurrences: list[Found]) -> Counts:
    """Occurrences of each rule in each file."""
    counts: Counts = {}
    for one in occurrences:
        counts.setdefault(one.rule, Counter())[one.path] += 1
    return counts


def folder(path: str) -> str:
    """The top folder; a file moves inside it as it likes."""
    return path.partition("/")[0]


def added(occurrences: list[Found], baseline: Counts) -> list[Found]:
    """Those in files with more than their share, where the whole folder has more than the baseline allows."""
    counts = counted(occurrences)
    too_many = set()
    for rule, files in counts.items():
        allowed = baseline.get(rule, Counter())
        for top in {folder(path) for path in files}:
            here, before = (
                sum(n for path, n in one.items() if folder(path) == top) for one in (files, allowed)
            )
            if here > before:
                too_many |= {
                    (rule, path) for path in files if folder(path) == top and files[path] > allowed[path]
                }
    return [one for one in occurrences if (one.rule, one.path) in too_many]


def main() -> int:
    """0 if nothing was added; with --write, keeps what is there now."""
    occurrences, instead = found(tracked()), rules()
    kept = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else None
    if kept is not None:
        new = added(occurrences, {rule: Counter(files) for rule, files in kept.items()})
        for one in new:
            print(f'{one.path}:{one.line}: "{one.text}": write: {instead[one.rule]} (docs/style.md)')
        if new:
            return 1
    if "--write" in sys.argv:
        BASELINE.write_text(
            json.dumps(counted(occurrences), indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
