"""What an export wrote, as an object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from twitchwatch.views.shape import Line


@dataclass(frozen=True)
class ExportView(Line):
    """What an export wrote."""

    kind: Literal["export"]
    format: Annotated[str, "`csv`, `parquet`, `edf`, `fhir` or `bids`"]
    folder: Annotated[str, "where the files are"]
    files: Annotated[list[str], "their names, relative to the folder"]
    bytes: Annotated[int, "their total size"]


def export_view(kind: str, folder: Path, files: Sequence[Path]) -> ExportView:
    """The files written into a folder."""
    return ExportView(
        "export",
        kind,
        str(folder),
        [path.relative_to(folder).as_posix() for path in files],
        sum(path.stat().st_size for path in files),
    )
