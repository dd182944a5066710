"""A sheet as one HTML file that needs nothing else."""

from __future__ import annotations

from importlib import resources

from twitchwatch.errors import MissingExtraError
from twitchwatch.report.words import Sheet


def html(sheet: Sheet) -> str:
    """The page as HTML; the same text for the same sheet. Raises MissingExtraError without jinja2."""
    try:
        from jinja2 import Environment, StrictUndefined
    except ModuleNotFoundError as error:
        raise MissingExtraError("jinja2, which fills in the page, is", "report") from error
    source = (resources.files("twitchwatch.report") / "page.html").read_text("utf-8")
    room = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return room.from_string(source).render(own=sheet)
