"""What to export: which nights of which sensors, in which format, for whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from twitchwatch.archive.absence import absences
from twitchwatch.archive.annotating import annotation_view, night_of
from twitchwatch.archive.findings import derive
from twitchwatch.archive.nights import Archive, RatedNight, Sensor
from twitchwatch.archive.selection import NightChoice, chosen_devices, chosen_flags, every_night
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.flags import Finding
from twitchwatch.journal.book import Wearer, read_entries, wearer
from twitchwatch.journal.entry import Entry
from twitchwatch.store import DeviceStatus, is_worn
from twitchwatch.views.annotating import AnnotationView
from twitchwatch.views.nights import MissingNights

Format = Literal["csv", "parquet", "edf", "fhir", "bids"]
FORMATS: tuple[Format, ...] = ("csv", "parquet", "edf", "fhir", "bids")

_LABEL = re.compile(r"[0-9A-Za-z]{1,20}")


def checked_subject(subject: str | None) -> str | None:
    """A pseudonym that every format can hold. Raises UsageError for another.

    BIDS allows only letters and digits in a label (specification 1.10, Entities); EDF+ no spaces (Kemp and
    Olivan 2003, section 2.1.3.3).
    """
    if subject is not None and not _LABEL.fullmatch(subject):
        raise UsageError(
            f"{subject!r} cannot be used as --subject: use 1 to 20 letters and digits, such as P017, and no "
            "name."
        )
    return subject


@dataclass(frozen=True, slots=True)
class Content:
    """The requested part of an archive.

    rated: nights in chronological order, each with its rate. subject: pseudonym of the wearer, if stated.
    """

    archive: Archive
    sensors: tuple[Sensor, ...]
    rated: tuple[RatedNight, ...]
    choice: NightChoice
    now_utc_us: int
    subject: str | None = None

    @property
    def logs(self) -> list[DeviceStatus]:
        """The logs of these sensors."""
        wanted = {sensor.device.hardware_id for sensor in self.sensors}
        return [one for one in self.archive.store.status() if one.device.hardware_id in wanted]

    def missing(self, tonight: date) -> list[MissingNights]:
        """Stretches of nights without records."""
        return [one.view for one in absences(every_night(self.sensors), self.choice, tonight)]

    def annotations(self) -> list[AnnotationView]:
        """The annotations of the chosen nights, including those that were taken back."""
        nights = [one.night for one in self.rated]
        found = [(one, night_of(one, nights)) for one in self.archive.annotations().all]
        return [annotation_view(one, night) for one, night in found if night is not None]

    def wearer(self) -> Wearer:
        """What the wearer noted about themselves; nothing if some nights are not of a sensor worn here."""
        if not all(is_worn(one.night.identity) for one in self.rated):
            return Wearer()
        return wearer(read_entries(self.archive.store, LOCAL))

    def journal(self) -> Iterator[Entry]:
        """The evenings of the chosen nights."""
        return (entry for entry in read_entries(self.archive.store, LOCAL) if entry.night in self.choice)

    def findings(self) -> list[Finding]:
        """The findings about these sensors and nights."""
        archive = self.archive
        flags = derive(archive.store, LOCAL, self.now_utc_us, archive=archive)
        return chosen_flags(flags, self.choice, {one.device.hardware_id for one in self.sensors})


def content_of(
    archive: Archive,
    choice: NightChoice,
    now_utc_us: int,
    *,
    sensor: str | None = None,
    nights: int | None = None,
    subject: str | None = None,
) -> Content:
    """The chosen nights: by date, or the last few evenings of each sensor.

    Raises UsageError if there are none, or both were given.
    """
    sensors = tuple(archive.sensors(chosen_devices(archive.store, sensor)))
    if nights is not None:
        if not choice.everything:
            raise UsageError("Give either --nights, or --night, --since and --until.")
        newest = max((night.date for night in every_night(sensors)), default=None)
        if newest is not None:
            choice = NightChoice(newest - timedelta(days=nights - 1), None)
    rated = sorted(
        (one for own in sensors for one in own.rated if one.night.date in choice),
        key=lambda one: (one.night.start_utc_us, one.night.identity),
    )
    if not rated:
        raise UsageError("There is no such night to export; `twitchwatch nights` lists them.")
    return Content(archive, sensors, tuple(rated), choice, now_utc_us, checked_subject(subject))
