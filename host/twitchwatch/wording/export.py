"""What an export wrote, in words."""

from __future__ import annotations

from twitchwatch.views.exports import ExportView
from twitchwatch.wording.units import plural

_NAMES = {"csv": "CSV", "parquet": "Parquet", "edf": "EDF+", "fhir": "FHIR", "bids": "BIDS"}
_PRIVATE = " They contain your journal and its notes: check them before you pass them on."


def exported_words(view: ExportView) -> str:
    """How many files, where, and what to know before they are passed on."""
    words = f"Wrote {plural(len(view.files), 'file')} ({_NAMES[view.format]}) to {view.folder}."
    return words + (_PRIVATE if view.format in ("csv", "parquet") else "")
