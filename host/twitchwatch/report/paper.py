"""A sheet as PDF, for paper and for screen readers (PDF/UA-1), set by typst."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Literal

from twitchwatch.errors import ConfigurationError, MissingExtraError
from twitchwatch.report.words import Sheet

Paper = Literal["a4", "us-letter"]
# What typst brings, so that the same sheet gives the same bytes on every computer.
FONT = "Libertinus Serif"
# It brings none for Chinese; these come with Debian (fonts-noto-cjk), macOS and Windows.
CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei")


def pdf(sheet: Sheet, paper: Paper) -> bytes:
    """The page as PDF/UA-1; the same bytes for the same sheet on the same computer.

    Raises MissingExtraError without typst, and ConfigurationError without a font for the language.
    """
    try:
        import typst
    except ModuleNotFoundError as error:
        raise MissingExtraError("typst, which sets the PDF, is", "report") from error
    fonts = [FONT]
    if sheet.language == "zh":
        known = typst.Fonts().families()
        own = [one for one in CHINESE if one in known]
        if not own:
            raise ConfigurationError(
                "No font for Chinese is installed. Install one, such as Debian's fonts-noto-cjk, or make the"
                " report as HTML: `twitchwatch report --html report.html --language zh`."
            )
        fonts += own[:1]
    with tempfile.TemporaryDirectory(prefix="twitchwatch-report-") as name:
        folder = Path(name)
        source = resources.files("twitchwatch.report") / "page.typ"
        (folder / "page.typ").write_text(source.read_text("utf-8"), "utf-8")
        content = asdict(sheet) | {"paper": paper, "fonts": fonts}
        (folder / "sheet.json").write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        made: bytes = typst.compile(
            str(folder / "page.typ"),
            root=name,
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=0,
            ignore_system_fonts=sheet.language != "zh",
        )
    return made
