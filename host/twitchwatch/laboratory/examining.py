"""Recordings examined one after another: one that cannot be read does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec

from twitchwatch.errors import MissingExtraError, TwitchwatchError, UsageError
from twitchwatch.foreign import one_line
from twitchwatch.laboratory.files import Named
from twitchwatch.laboratory.starts import Starts, starts_of
from twitchwatch.laboratory.thresholds import thresholds
from twitchwatch.recording import read_recording
from twitchwatch.recording.compiling import compile_once
from twitchwatch.recording.detection import Detection, detect
from twitchwatch.recording.model import Recording
from twitchwatch.recording.progress import Progress, unseen
from twitchwatch.recording.stated import Stated, stated
from twitchwatch.views.recordings import RefusedView

MOST_CHARACTERS = 60
"""Of a site, and of a wearer's name."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The options with which the recordings of one run are read and examined.

    starts: when they begin. site: where the sensor was worn. changed: thresholds by name. account: list every
    burst, too.
    """

    stated: Stated = field(default_factory=Stated)
    starts: Starts = field(default_factory=Starts)
    site: str | None = None
    changed: Mapping[str, int] = field(default_factory=dict)
    account: bool = False


def terms_of(
    *,
    rate_hz: float | None,
    units: str | None,
    start: Iterable[str],
    columns: str | None,
    site: str | None,
    changed: Iterable[str],
) -> Terms:
    """From the command line: rate, units and columns as of `stated`, starts, the site, NAME=VALUE.

    Raises UsageError if one cannot be used.
    """
    if site is not None and not 0 < len(site.strip()) <= MOST_CHARACTERS:
        raise UsageError(
            f"--site must have 1 to {MOST_CHARACTERS} characters, such as `left wrist`, not "
            f"{len(site.strip())}."
        )
    where = None if site is None else one_line(site.strip())
    return Terms(stated(rate_hz, units, None, columns), starts_of(start), where, thresholds(changed))


OnFile = Callable[[int, Named], Progress]
"""Called before each file, with its number from 0; what it returns receives how far that file has come."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that could not be read, and why."""

    file: Named
    error: TwitchwatchError

    @property
    def view(self) -> RefusedView:
        """The same as an object."""
        return RefusedView("refused", self.file.label, str(self.error))


@dataclass(frozen=True, slots=True)
class Examined:
    """A file, its recording, and what was found in it."""

    file: Named
    recording: Recording
    found: Detection


def examine(
    files: Sequence[Named], terms: Terms, on_file: OnFile = lambda _, __: unseen
) -> Iterator[Examined | Refused]:
    """What each file holds, in their order.

    The starts must have been checked. Raises MissingExtraError if the detector cannot run on this computer.
    """
    if find_spec("numba") is not None:
        compile_once()
    for number, file in enumerate(files):
        progress = on_file(number, file)
        try:
            read = read_recording(file.path, terms.starts.of(file, terms.stated), progress)
            contract = replace(read.contract, site=terms.site)
            recording = replace(read, source=file.label, contract=contract)
        except (UsageError, MissingExtraError) as error:
            yield Refused(file, error)
            continue
        found = detect(recording, terms.changed, progress, account=terms.account)
        yield Examined(file, recording, found)
