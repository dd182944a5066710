"""The subjects of the store: each has a few queries and updates about one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from twitchwatch.store import (
    alert_notes,
    annotation_notes,
    changes,
    derived,
    journal_notes,
    link_notes,
    moments,
    zones,
)
from twitchwatch.store.alert_notes import AlertRow
from twitchwatch.store.annotation_notes import AnnotationRow
from twitchwatch.store.changes import Change
from twitchwatch.store.connections import Connections
from twitchwatch.store.journal_notes import JournalRow, ProgramRow
from twitchwatch.store.link_notes import LinkFault, UsbPort
from twitchwatch.store.rows import DerivedRow, FindingRow, NightRow, ZoneRow


class Subject:
    """One subject, over the connections of the store."""

    def __init__(self, connections: Connections) -> None:
        self._store = connections


class LinkFaults(Subject):
    """What prevents records from arriving."""

    def begin(self, subject: str, reason: str, message: str, now_utc_us: int) -> None:
        """Record that something prevents records from arriving; it replaces an earlier fault of `subject`."""
        self._store.write(
            lambda connection: link_notes.begin_link_fault(connection, subject, reason, message, now_utc_us)
        )

    def end(self, subject: str | None, now_utc_us: int) -> None:
        """The fault of `subject` (None: every fault) is over."""
        self._store.write(lambda connection: link_notes.end_link_faults(connection, subject, now_utc_us))

    def forget(self, now_utc_us: int) -> None:
        """Delete those of more than three months ago. The clock must not have been set unnoticed."""
        self._store.write(lambda connection: link_notes.forget_link_faults(connection, now_utc_us))

    def all(self, *, since_utc_us: int = 0) -> list[LinkFault]:
        """What prevented records from arriving at any time since then, the oldest first."""
        with self._store.reading() as connection:
            return link_notes.link_faults(connection, since_utc_us)


class Moments(Subject):
    """Stored moments from which an interval counts."""

    def move(self, by_us: int, now_utc_us: int) -> None:
        """The computer's clock was set by `by_us`, to `now_utc_us`: they move with it."""
        self._store.write(lambda connection: moments.move(connection, by_us, now_utc_us))

    def newest(self) -> int:
        """The newest of them in UTC microseconds, apart from the ends of snoozes; 0 if there is none."""
        with self._store.reading() as connection:
            return moments.newest(connection)


class Ports(Subject):
    """Which sensor was connected at which USB port."""

    def note(self, port: UsbPort, hardware_id: str) -> None:
        """Record which sensor was connected at this USB port."""
        self._store.write(lambda connection: link_notes.note_port(connection, port, hardware_id))

    def all(self) -> dict[UsbPort, str]:
        """The hardware id of the sensor last connected at each USB port."""
        with self._store.reading() as connection:
            return link_notes.ports(connection)


class Addresses(Subject):
    """At which Bluetooth addresses a sensor proved its key."""

    def note(self, address: str, hardware_id: str) -> None:
        """Record that this sensor proved its key at this address."""
        self._store.write(lambda connection: link_notes.note_address(connection, address, hardware_id))

    def all(self) -> dict[str, str]:
        """The hardware id of the sensor that proved its key at each address."""
        with self._store.reading() as connection:
            return link_notes.addresses(connection)


class Changes(Subject):
    """Changes of settings that were requested here."""

    def ask(self, hardware_id: str, name: str, value: str, now_utc_us: int) -> None:
        """Keep a change of a setting (`value` in JSON) for the next sync session with this sensor."""
        self._store.write(lambda connection: changes.ask(connection, hardware_id, name, value, now_utc_us))

    def answer(self, change_id: int, outcome: str, now_utc_us: int) -> None:
        """Record the sensor's answer to a change."""
        self._store.write(lambda connection: changes.answer(connection, change_id, outcome, now_utc_us))

    def of(self, hardware_id: str, *, waiting: bool = False) -> list[Change]:
        """Changes of this sensor's settings, the oldest first; with `waiting` those not yet answered."""
        with self._store.reading() as connection:
            return changes.changes(connection, hardware_id, waiting=waiting)


class Findings(Subject):
    """Findings as they were last derived, with their states."""

    def settle(self, settle: Callable[[list[FindingRow]], Sequence[FindingRow]]) -> list[FindingRow]:
        """Store what `settle` makes of the findings stored so far; returns them, each with its number.

        Reading and writing are one transaction, so that two programs that derive at the same time agree.
        """
        return self._store.write(lambda connection: derived.settle(connection, settle))

    def acknowledge(self, finding_id: int, urgency: str, now_utc_us: int) -> bool:
        """Record that this finding was seen, at its present urgency; False if there is none."""
        return self._store.write(
            lambda connection: derived.acknowledge(connection, finding_id, urgency, now_utc_us)
        )

    def all(self) -> list[FindingRow]:
        """Every finding ever kept, in order of number."""
        with self._store.reading() as connection:
            return derived.findings(connection)


class Summaries(Subject):
    """Nights in short, as they were last derived."""

    def keep(
        self,
        nights: Sequence[tuple[NightRow, str, str]],
        *,
        forget: Sequence[NightRow] = (),
        logs: Sequence[DerivedRow] = (),
    ) -> None:
        """Keep these summaries, each with its view and clock, in the place of earlier ones.

        forget: nights that are no more. logs: how far each was derived.
        """
        self._store.write(lambda connection: derived.keep_nights(connection, nights, forget, logs))

    def clock(self, identity: str, start_utc_us: int) -> str | None:
        """What dated the records of this night, in JSON; None if it is not kept."""
        with self._store.reading() as connection:
            return derived.clock(connection, identity, start_utc_us)

    def views(self) -> list[str]:
        """Every kept night as it is printed, in JSON, in chronological order."""
        with self._store.reading() as connection:
            return derived.views(connection)

    def former(self, what: Literal["night", "finding"]) -> dict[str, str]:
        """What earlier versions of the analysis printed, in JSON, until `forget_former`."""
        with self._store.reading() as connection:
            return derived.former(connection, what)

    def forget_former(self) -> None:
        """It was shown."""
        self._store.write(derived.forget_former)

    def progress(self) -> dict[int, DerivedRow]:
        """How far the records of each log, by device id, are derived."""
        with self._store.reading() as connection:
            return {row.device_id: row for row in derived.progress(connection)}

    def trends(self, version: str) -> dict[str, str]:
        """How rates were followed from night to night, by key, in JSON."""
        with self._store.reading() as connection:
            return derived.trends(connection, version)

    def keep_trends(self, version: str, bodies: Mapping[str, str]) -> None:
        """Keep these in the place of all earlier ones."""
        self._store.write(lambda connection: derived.keep_trends(connection, version, bodies))

    def all(self) -> list[NightRow]:
        """Every night's summary as it was last kept, in chronological order."""
        with self._store.reading() as connection:
            return derived.nights(connection)


class Zones(Subject):
    """Where this computer was, as far as it knows."""

    def note(self, name: str, utc_us: int) -> None:
        """Note that the computer is in this zone at that moment."""
        self._store.write(lambda connection: zones.note_zone(connection, name, utc_us))

    def all(self) -> list[ZoneRow]:
        """Each stay in a zone, in chronological order."""
        with self._store.reading() as connection:
            return zones.zones(connection)


class Journal(Subject):
    """The wearer's journal, which only grows."""

    def note(self, night: str, body: str, now_utc_us: int) -> int:
        """Add to the journal of an evening (ISO date); `body` is JSON. Returns the revision's number."""
        return self._store.write(lambda connection: journal_notes.note(connection, night, now_utc_us, body))

    def all(self) -> list[JournalRow]:
        """Every revision of the journal, in the order in which they were noted."""
        with self._store.reading() as connection:
            return journal_notes.journal(connection)


class Annotations(Subject):
    """What people note about events, stretches and moments; it only grows."""

    def add(self, identity: str, what: str, body: str, now_utc_us: int) -> int:
        """Add an entry about this sensor (hardware id); `body` is JSON. Returns its number."""
        return self._store.write(
            lambda connection: annotation_notes.annotate(connection, identity, what, now_utc_us, body)
        )

    def all(self) -> list[AnnotationRow]:
        """Every entry, in the order in which they were made."""
        with self._store.reading() as connection:
            return annotation_notes.every_annotation(connection)


class Programs(Subject):
    """Plans and experiments."""

    def begin(self, kind: str, first_night: str, body: str, now_utc_us: int) -> int:
        """Record that a plan or experiment begins with this evening (ISO date); returns its number."""
        return self._store.write(
            lambda connection: journal_notes.begin_program(connection, kind, first_night, now_utc_us, body)
        )

    def end(self, number: int, last_night: str) -> bool:
        """Record with which evening it ended; False if none of that number is running."""
        return self._store.write(lambda connection: journal_notes.end_program(connection, number, last_night))

    def all(self) -> list[ProgramRow]:
        """Every plan and experiment, in order of its start."""
        with self._store.reading() as connection:
            return journal_notes.programs(connection)


class Alerts(Subject):
    """What was sent to whom, and until when nothing is to be sent."""

    def all(self) -> list[AlertRow]:
        """Everything that was ever sent, the oldest first."""
        with self._store.reading() as connection:
            return alert_notes.alerts(connection)

    def keep(self, row: AlertRow) -> None:
        """Record what was sent about a subject, replacing the earlier entry."""
        self._store.write(lambda connection: alert_notes.keep_alert(connection, row))

    def snooze(self, key: str | None, until_utc_us: int) -> None:
        """Send nothing about this subject (None: about any) until then."""
        self._store.write(lambda connection: alert_notes.snooze(connection, key, until_utc_us))

    def seal(self, until_utc_us: int) -> None:
        """Report only what is urgent until then; a time in the past ends the seal."""
        self._store.write(lambda connection: alert_notes.snooze(connection, alert_notes.SEAL, until_utc_us))

    def sealed_until(self) -> int:
        """The time until which only what is urgent is reported; 0 if it was never sealed."""
        with self._store.reading() as connection:
            return alert_notes.sealed_until(connection)

    def snoozes(self) -> dict[str | None, int]:
        """Until when nothing is to be sent about which subject; None stands for all."""
        with self._store.reading() as connection:
            return alert_notes.snoozes(connection)
