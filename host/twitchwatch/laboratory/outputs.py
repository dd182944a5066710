"""The files that a run writes: two tables, pictures, and the manifest."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from twitchwatch import __version__
from twitchwatch.errors import RecordingError, UsageError
from twitchwatch.laboratory.examining import Examined, Refused, Terms
from twitchwatch.laboratory.files import Named
from twitchwatch.laboratory.manifest import check_repeatable, manifest_of, result_sha256, write_manifest
from twitchwatch.laboratory.picture import Seen, check_picture, seen_in, write_pictures
from twitchwatch.tables import Table, check_folder, check_table
from twitchwatch.views.columns import Column
from twitchwatch.views.recordings import summary, timeline
from twitchwatch.views.tables import EVENTS, SUMMARY, event_row, refused_row, summary_row


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where to write what; None: not at all."""

    summary: Path | None = None
    events: Path | None = None
    manifest: Path | None = None
    plot: Path | None = None

    @property
    def paths(self) -> list[Path]:
        """The files that will be written. Raises UsageError if two are the same."""
        paths = [path for path in (self.summary, self.events, self.manifest, self.plot) if path is not None]
        if len({path.resolve() for path in paths}) < len(paths):
            raise UsageError("Two results cannot be written to the same file: choose one for each.")
        return paths

    @contextmanager
    def opened(self, files: Sequence[Named], terms: Terms) -> Iterator[Writing]:
        """Write what is added until the end; tables appear once they are whole, or not at all.

        Raises UsageError, before anything is read, for a name or a folder that cannot be used, and
        OutputError if a file cannot be written.
        """
        for path in (self.summary, self.events):
            if path is not None:
                check_table(path)
        if self.manifest is not None:
            check_folder(self.manifest)
            check_repeatable(files)
        most = None if self.plot is None else check_picture(self.plot, len(files))
        with ExitStack() as stack:

            def table(path: Path | None, columns: Sequence[Column]) -> Table | None:
                return None if path is None else stack.enter_context(Table(path, columns))

            writing = Writing(
                terms,
                table(self.summary, SUMMARY),
                table(self.events, EVENTS),
                hashing=self.summary is not None or self.manifest is not None,
                most=most,
            )
            yield writing
            if self.plot is not None and writing.pictures:
                write_pictures(self.plot, writing.pictures)
            if self.manifest is not None:
                write_manifest(self.manifest, manifest_of(writing.files, terms, sys.argv[1:]))


class Writing:
    """Rows on their way into the tables, and what pictures show.

    files: those added so far, with their SHA-256 and that of the result. most: waveforms and spectra in a
    picture, None without one.
    """

    def __init__(
        self,
        terms: Terms,
        summary: Table | None,
        events: Table | None,
        *,
        hashing: bool,
        most: tuple[int, int] | None = None,
    ) -> None:
        self.files: list[tuple[Named, str | None, str]] = []
        self.pictures: list[Seen] = []
        self._most = most
        self._terms = terms
        self._summary = summary
        self._events = events
        self._hashing = hashing

    def add(self, one: Examined | Refused) -> None:
        """The result of the next file."""
        sha256 = _sha256(one.file) if self._hashing else None
        self.files.append((one.file, sha256, result_sha256(one) if self._hashing else ""))
        site = self._terms.site
        if isinstance(one, Refused):
            if self._summary is not None:
                self._summary.add([refused_row(one.view, site, sha256, __version__)])
            return
        if self._summary is not None:
            self._summary.add([summary_row(summary(one.found), sha256, __version__)])
        if self._events is not None:
            self._events.add(event_row(line, site) for line in timeline(one.found))
        if self._most is not None:
            self.pictures.append(seen_in(one, site, *self._most))


def _sha256(file: Named) -> str | None:
    try:
        return file.sha256
    except RecordingError:
        # It was refused for the same reason.
        return None
