"""The documents as a website: `make site`. The pages are those of the repository; none is kept here.

Links between pages, to headings and to files hold in both views; a broken one is a warning, and those fail.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
START = "docs/index"

project = "Twitchwatch"
author = "Twitchwatch"
# Spelt out, so that a page does not depend on the day on which it was made.
copyright = "MIT licence"
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
language = "en_GB"

extensions = ["myst_parser"]
root_doc = START
include_patterns = ["docs/*.md", "hardware/*.md", "shared/protocol/*.md", "*.md"]
# A link of the host's folder leads to shared/ again.
exclude_patterns = ["**/.*", "host", "firmware", "tests", "build"]
# Headings of five levels are targets of links, by the rule of the common repository hosts.
myst_heading_anchors = 5
# Diagrams are shown as their text; some pages go from a heading of one level to one two levels below.
suppress_warnings = ["misc.highlighting_failure", "myst.header"]
# Blocks of output have no language.
highlight_language = "none"

html_theme = "furo"
html_title = "Twitchwatch"
html_favicon = "../../host/twitchwatch/web/static/icon.svg"
html_extra_path = ["root"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_last_updated_fmt = None
html_theme_options = {
    # Okabe and Ito's blue, as on the dashboard.
    "light_css_variables": {"color-brand-primary": "#0072b2", "color-brand-content": "#0072b2"},
    "dark_css_variables": {"color-brand-primary": "#56b4e9", "color-brand-content": "#56b4e9"},
}


def contents(page: str) -> str:
    """The start page's lists of links as tables of contents, which the navigation is made from."""
    parts = []
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        caption, _, below = section.partition("\n")
        pages = [f"/{_name(target)}" for target in re.findall(r"\]\(([^)#]+\.md)\)", below)]
        listed = "\n".join(pages)
        parts.append(f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{listed}\n```\n")
    return "\n".join(parts)


def _name(target: str) -> str:
    return str((ROOT / "docs" / target).resolve().relative_to(ROOT).with_suffix(""))


def _with_contents(app, docname, source):
    if docname == START:
        source[0] += "\n" + contents(source[0])


def setup(app):
    app.connect("source-read", _with_contents)
