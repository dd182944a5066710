"""What the commands of a study did, as objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from twitchwatch.views.shape import Line

Failed = Annotated[dict[str, str], "object: what was left out, and why"]


@dataclass(frozen=True)
class PulledView(Line):
    """Nights brought into a study."""

    kind: Literal["pulled"]
    written: Annotated[int, "nights that are new or have changed"]
    unchanged: Annotated[int, "nights that were already there"]
    failed: Failed


@dataclass(frozen=True)
class RunView(Line):
    """A run of an analysis over a study."""

    kind: Literal["run"]
    analysis: Annotated[str, "name and version of the analysis, as in the table `results`"]
    computed: Annotated[int, "nights analysed now"]
    before: Annotated[int, "nights that already had a result"]
    withdrawn: Annotated[int, "nights of wearers who withdrew during the run"]
    failed: Failed


@dataclass(frozen=True)
class WithdrawnView(Line):
    """A withdrawal from a study."""

    kind: Literal["withdrawn"]
    wearer: Annotated[str, "pseudonym; nothing else is left"]
    files: Annotated[int, "how many files were removed"]
