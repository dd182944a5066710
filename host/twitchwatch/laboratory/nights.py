"""Recordings as nights in the database: each wearer's under a separate device, each file once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from twitchwatch.archive.keeping import keep
from twitchwatch.archive.selection import chosen_devices
from twitchwatch.clock.zone import LOCAL, iso, local
from twitchwatch.errors import UsageError
from twitchwatch.foreign import one_line
from twitchwatch.laboratory.examining import MOST_CHARACTERS, Examined, OnFile, Refused, Terms, examine
from twitchwatch.laboratory.files import Named
from twitchwatch.laboratory.records import log_of, zone_of_start
from twitchwatch.recording.detection import Detection
from twitchwatch.recording.progress import unseen
from twitchwatch.recording.source import STANDARD_INPUT
from twitchwatch.shared.protocol.records import ANCHOR
from twitchwatch.store import IMPORTED, Device, Store
from twitchwatch.views.recordings import ImportedView

_LOG_DIGITS = 8
# A start beyond is a mistake, and not a zone that was left out.
_AHEAD_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Wearer:
    """Whose hand it is, and where on it the sensor was worn."""

    name: str
    site: str | None

    @property
    def called(self) -> str:
        """What lists of sensors call their recordings."""
        return self.name if self.site is None else f"{self.name}, {self.site}"

    @property
    def hardware_id(self) -> str:
        """Used as the hardware id of a sensor; ignores the case of letters."""
        return f"{IMPORTED}{self.called.casefold()}"


def wearer_of(name: str, site: str | None) -> Wearer:
    """From the command line. Raises UsageError."""
    if not 0 < len(name.strip()) <= MOST_CHARACTERS:
        raise UsageError(
            f"--wearer must have 1 to {MOST_CHARACTERS} characters, such as a name or a study number, not "
            f"{len(name.strip())}."
        )
    return Wearer(one_line(name.strip()), site)


def import_files(
    store: Store,
    files: Sequence[Named],
    terms: Terms,
    wearer: Wearer,
    now_utc_us: int,
    on_file: OnFile = lambda _, __: unseen,
) -> Iterator[ImportedView | Refused]:
    """Add each file to the nights of this wearer, and keep the nights in the end.

    A file whose content is there already changes nothing; one that cannot be read, has no start, cannot show
    twitches, or overlaps with what is there, is refused and does not stop the others. Each result is on disk
    when it is yielded. Raises UsageError for standard input, and the store's errors.
    """
    if any(file.path == STANDARD_INPUT for file in files):
        raise UsageError(
            "Standard input cannot be imported, because it could be imported twice: save it as a file, and "
            "name that."
        )
    terms.starts.check(files)
    new = []
    for file in files:
        try:
            known = _known(store, wearer, _log_id(file))
        except UsageError as error:
            yield Refused(file, error)
            continue
        if known is None:
            new.append(file)
        else:
            held = store.held_seq(known.id)
            yield _view(file.label, known, _extent(store, known), held, already=True)
    added = False
    for one in examine(new, terms, on_file):
        if isinstance(one, Refused):
            yield one
            continue
        try:
            yield _add(store, one, terms, wearer, now_utc_us)
            added = True
        except UsageError as error:
            yield Refused(one.file, error)
    if added:
        keep(store, LOCAL, now_utc_us)


def remove_imported(store: Store, wanted: str) -> tuple[str, int, int]:
    """Remove a wearer's recordings and what was derived of them: their name, how many, and their records.

    wanted: name, hardware id or number. Raises UsageError for a sensor, whose records are never removed.
    """
    devices = chosen_devices(store, wanted)
    if not all(device.imported for device in devices):
        raise UsageError(
            f"{devices[0].name} is a sensor, and its records stay. Only what `twitchwatch import` read can "
            "be removed; `twitchwatch sensors` lists it."
        )
    return devices[-1].name, len(devices), sum(store.remove(device.id) for device in devices)


def _add(store: Store, one: Examined, terms: Terms, wearer: Wearer, now_utc_us: int) -> ImportedView:
    found = one.found
    _check_useful(found)
    start, zone = _start(found, LOCAL)
    start_us = round(start.timestamp() * 1_000_000)
    end_us = start_us + round(found.duration_s * 1_000_000)
    if end_us > now_utc_us + _AHEAD_US:
        until = f"{local(end_us):%Y-%m-%d %H:%M} here"
        raise UsageError(f"{found.source} ends in the future ({until}): state its start with --start.")
    _check_apart(store, wearer, found.source, start_us, end_us)
    records = log_of(replace(one.recording, start=start), found, dict(terms.changed), zone)
    device = store.register(wearer.hardware_id, _log_id(one.file), wearer.called, now_utc_us)
    store.commit(device.id, records, 0, len(records), 0, now_utc_us)
    return _view(found.source, device, (start_us, end_us), len(records), already=False)


def _log_id(file: Named) -> int:
    return int((file.sha256 or "")[:_LOG_DIGITS], 16)


def _check_useful(found: Detection) -> None:
    blind = found.contract.blind
    if blind is None:
        return
    why = {
        "rate": f"{found.contract.rate_hz:.3g} Hz is too slow",
        "band": f"its {found.contract.rate_hz:.3g} Hz were interpolated from fewer samples, or filtered",
        "lost": f"{found.contract.lost:.0%} of its samples are missing",
    }[blind]
    raise UsageError(
        f"{found.source} cannot show twitches ({why}), and as a night it would look like one without any. "
        "`twitchwatch detect FILE` shows its tremor."
    )


def _start(found: Detection, zone: tzinfo) -> tuple[datetime, str]:
    """The moment of the first sample, and the zone that the file states, empty if it states none."""
    if found.start is None:
        raise UsageError(
            f"{found.source} does not state when it was recorded, which a night needs: add --start, such as "
            "--start 2026-03-01T23:00:00+01:00."
        )
    if found.start.tzinfo is None:
        return found.start.replace(tzinfo=zone).astimezone(UTC), ""
    return found.start, zone_of_start(found.start)


def _known(store: Store, wearer: Wearer, log_id: int) -> Device | None:
    """The log of this wearer that has this content, unless it was interrupted before it had any."""
    for device in _logs(store, wearer):
        if device.log_id == log_id and store.last_received(device.id) is not None:
            return device
    return None


def _logs(store: Store, wearer: Wearer) -> list[Device]:
    return [device for device in store.devices() if device.hardware_id == wearer.hardware_id]


def _extent(store: Store, device: Device) -> tuple[int, int]:
    """When a recording that is there began and ended, in UTC microseconds."""
    moments = [
        anchor.body.utc_us for anchor in store.records(device.id, types=(ANCHOR,)) if anchor.body is not None
    ]
    return (min(moments), max(moments)) if moments else (0, 0)


def _check_apart(store: Store, wearer: Wearer, source: str, start_us: int, end_us: int) -> None:
    for device in _logs(store, wearer):
        first_us, last_us = _extent(store, device)
        if start_us < last_us and first_us < end_us:
            raise UsageError(
                f"{source} overlaps with a recording of {wearer.called} that is there already "
                f"({local(first_us):%Y-%m-%d %H:%M} to {local(last_us):%H:%M} here), and the same time would "
                "count twice. Name another --site or --wearer, or state its --start."
            )


def _view(
    source: str, device: Device, extent: tuple[int, int], records: int, *, already: bool
) -> ImportedView:
    return ImportedView(
        "imported",
        source=source,
        sensor=device.name,
        hardware_id=device.hardware_id,
        start_utc=iso(extent[0]),
        end_utc=iso(extent[1]),
        records=records,
        already=already,
    )
