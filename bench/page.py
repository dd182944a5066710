"""Puts what was measured between two marks of a page of the documents."""

import re
from pathlib import Path

RELIABILITY = Path(__file__).parents[1] / "docs" / "reliability.md"


def insert(name: str, text: str, page: Path = RELIABILITY) -> None:
    """Put `text` between <!-- name --> and <!-- end name -->; ValueError if the page has no such marks."""
    marks = re.compile(f"(<!-- {re.escape(name)} -->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL)
    written, count = marks.subn(
        lambda found: f"{found.group(1)}{text.strip()}\n{found.group(2)}", page.read_text("utf-8")
    )
    if count != 1:
        raise ValueError(f"{page} has no marks called {name!r}")
    page.write_text(written, "utf-8")
