"""What was erased, as an object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from twitchwatch.views.shape import Line


@dataclass(frozen=True)
class ErasedView(Line):
    """What was erased, and what still holds it."""

    kind: Literal["erased"]
    scope: Annotated[str, "`nights`, `sensors`, `everything`, `traces` or `backups`"]
    nights: Annotated[int, "how many nights"]
    records: Annotated[int, "how many records"]
    annotations: Annotated[int, "how many annotations"]
    journal_entries: Annotated[int, "how many entries of the journal, each change counted"]
    files: Annotated[list[str], "list: files that were deleted"]
    copies: Annotated[list[str], "list: copies of the database that still contain it"]
