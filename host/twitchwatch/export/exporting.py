"""An export, whole: its folder with the files of the chosen format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import MissingExtraError, UsageError
from twitchwatch.export.folder import new_folder
from twitchwatch.export.ordering import Content, Format
from twitchwatch.journal.book import Wearer, read_entries, wearer
from twitchwatch.journal.tonight import now_and_evening
from twitchwatch.store import Store


def export_nights(content: Content, kind: Format, folder: Path) -> list[Path]:
    """Write nights as csv, parquet, edf or fhir into the new `folder`; returns the files.

    Raises UsageError, OutputError, MissingExtraError, and the store's errors.
    """
    with new_folder(folder) as part:
        if kind == "edf":
            try:
                from twitchwatch.export.edf import write_edf
            except ModuleNotFoundError as error:
                raise MissingExtraError("The part that writes EDF is", "recordings") from error
            written = write_edf(content, part)
            if not written:
                raise UsageError("These nights have no minutes that could be written as EDF.")
        elif kind == "fhir":
            from twitchwatch.export.fhir import write_fhir

            written = write_fhir(content, part)
        else:
            from twitchwatch.export.tabular import write_tables

            try:
                written = write_tables(content, part, f".{kind}")
            except ModuleNotFoundError as error:
                raise MissingExtraError("The part that writes Parquet is", "detect") from error
    return [folder / path.relative_to(part) for path in written]


def export_captures(
    captures: Sequence[Path], folder: Path, subject: str | None, database: Path
) -> list[Path]:
    """Write captures as a BIDS dataset into the new `folder`; returns the files.

    database: may have what the wearer noted about themselves; it need not exist.

    Raises UsageError, RecordingError, OutputError and MissingExtraError.
    """
    try:
        from twitchwatch.export.bids import write_bids
    except ModuleNotFoundError as error:
        raise MissingExtraError("The part that reads captures is", "detect") from error
    with new_folder(folder) as part:
        written = write_bids(captures, part, subject, _wearer(database), now_and_evening()[1].year)
    return [folder / path.relative_to(part) for path in written]


def _wearer(database: Path) -> Wearer:
    if not database.exists():
        return Wearer()
    with Store.open_existing(database) as store:
        return wearer(read_entries(store, LOCAL))
