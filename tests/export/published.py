"""The generated parts of docs/export.md, and the published data package.

python -m tests.export.published        rewrites them
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.laboratory.test_tables import listed
from twitchwatch.export.edf import SIGNALS
from twitchwatch.export.fhir import CODE_SYSTEM
from twitchwatch.export.tabular import data_package
from twitchwatch.views.exported import ABOUT, TABLES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "export.md"
PACKAGE = DOCS / "export.datapackage.json"


def tables() -> str:
    return "\n\n".join(
        f"### {name}\n\n{ABOUT[name]}\n\n{listed(columns)}" for name, columns in TABLES.items()
    )


def signals() -> str:
    rows = [
        f"| `{one.label}` | {one.unit or '-'} | {one.meaning} | {one.missing:g} | {one.most:g} |"
        for one in SIGNALS
    ]
    head = "| signal | unit | meaning | nothing recorded | most |\n| --- | --- | --- | --- | --- |\n"
    return head + "\n".join(rows)


def codes() -> str:
    rows = [f"| `{one.code}` | `{one.unit}` | {one.words} |" for one in CODE_SYSTEM]
    return "| code | unit (UCUM) | meaning |\n| --- | --- | --- |\n" + "\n".join(rows)


PARTS = {"tables": tables, "signals": signals, "codes": codes}


def renewed(page: str) -> str:
    for name, part in PARTS.items():
        page = re.sub(
            rf"(<!-- {name}: [^>]*-->\n).*?(<!-- end of {name} -->)",
            lambda found, part=part: f"{found[1]}\n{part()}\n\n{found[2]}",
            page,
            flags=re.DOTALL,
        )
    return page


def published() -> str:
    package = data_package()
    # It describes every export of these tables; which program wrote one stands in that one's own package.
    del package["twitchwatch_version"]
    return json.dumps(package, indent=1) + "\n"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    PACKAGE.write_text(published(), encoding="utf-8")
