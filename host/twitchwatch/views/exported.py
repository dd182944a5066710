"""The tables of an export: what is in their columns, and the rows of a night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from twitchwatch.analysis.board_faults import RESTART_CAUSES
from twitchwatch.analysis.input import INPUT_FAULTS, input_faults
from twitchwatch.analysis.live_rate import CLASSES, COUNTED_AS
from twitchwatch.analysis.minutes import NightMinute
from twitchwatch.analysis.night import WholeNight
from twitchwatch.clock.zone import iso
from twitchwatch.journal.fields import FIELDS, WEARER
from twitchwatch.shared.protocol.records import BATTERY_UNKNOWN_MV, NOT_WORN, WORN
from twitchwatch.views.annotating import AnnotationView
from twitchwatch.views.columns import Column, Row, columns_of, flat, joined, placed
from twitchwatch.views.events import (
    PlacedBout,
    PlacedBurst,
    PlacedGap,
    PlacedMark,
    PlacedMovement,
    events_of,
)
from twitchwatch.views.findings import FlagView
from twitchwatch.views.journal import JournalView
from twitchwatch.views.nights import MissingNights, NightView, Part
from twitchwatch.views.sensors import DeviceLine, KnownDevice
from twitchwatch.views.shape import Line

TABLES_VERSION = 1
"""Rises if a column is renamed or removed, or changes its meaning; columns may be added without."""

_WORN = {WORN: "worn", NOT_WORN: "not worn"}


@dataclass(frozen=True)
class MinuteView(Line):
    """One minute of a sensor, as it reported it."""

    kind: Literal["minute"]
    start_utc: Annotated[str, "its first sample, ISO 8601"]
    rest_s: Annotated[float, "seconds at rest, tremor included"]
    live_s: Annotated[float, "seconds in which a twitch could have been reported"]
    moving_s: Annotated[float, "seconds in motion"]
    tremor_s: Annotated[float, "seconds at rest in a tremor already recognised"]
    not_worn_s: Annotated[float, "seconds in which the sensor was not on a hand"]
    lost_s: Annotated[float, "seconds without samples"]
    unusable_s: Annotated[float, "seconds with samples that cannot be used"]
    worn: Annotated[str, "`worn`, `not worn`, or `unknown` if the noise of the chip hides it"]
    noise_mg: Annotated[float, "noise at rest, rms of one axis"]
    gravity_x_mg: Annotated[int, "mean of the axis: with the two others, the posture of the hand"]
    gravity_y_mg: Annotated[int, "the same for y"]
    gravity_z_mg: Annotated[int, "the same for z"]
    temperature_c: Annotated[float, "degrees Celsius, of the sensor's chip"]
    battery_mv: Annotated[int | None, "millivolts; null if the board cannot measure it"]
    input: Annotated[str, f"faults of the samples: {', '.join(f'`{one.name}`' for one in INPUT_FAULTS)}"]
    bursts: Annotated[dict[str, int] | None, "object: counts of bursts by class: as in `nights`"]


_INT = dict.fromkeys
_BURSTS = {"bursts": _INT(CLASSES, int)}
_COUNTS = {
    **_BURSTS,
    "input_minutes": _INT((one.name for one in INPUT_FAULTS), int),
    "restarts": _INT((one.name for one in RESTART_CAUSES), int),
}
_NOTED = {one.name: float if one.kind == "amount" else str for one in FIELDS if one.name not in WEARER}
_SENSOR = Column("sensor", str, "its name")
_HARDWARE = Column("hardware_id", str, "as the sensor reports it; the same in all tables")
_NIGHT = next(column for column in columns_of(NightView) if column.name == "night")
_PLACE = (_SENSOR, _HARDWARE, _NIGHT)
_LISTS = ("kind", "marks", "tremor", "disturbances", "hours", "gaps")

TABLES: dict[str, tuple[Column, ...]] = {
    "sensors": tuple(columns_of(KnownDevice, without=("kind", "paired"))),
    "nights": placed(_PLACE, columns_of(NightView, _COUNTS, _LISTS)),
    "missing_nights": tuple(columns_of(MissingNights, _COUNTS, ("kind",))),
    "hours": placed(_PLACE, columns_of(Part)),
    "minutes": placed(_PLACE, columns_of(MinuteView, _BURSTS, ("kind",))),
    "events": placed(_PLACE, joined(PlacedBurst, PlacedMovement, PlacedBout, PlacedMark, PlacedGap)),
    "annotations": tuple(columns_of(AnnotationView, without=("kind",))),
    "journal": tuple(
        columns_of(JournalView, {"values": _NOTED, "later": _NOTED}, ("kind",)),
    ),
    "findings": tuple(columns_of(FlagView, without=("kind",))),
}
"""By name: the columns of each table."""

ABOUT = {
    "sensors": "A row for each log of each sensor.",
    "nights": "A row for each night of each sensor, with its rate.",
    "missing_nights": "A row for each stretch of nights without records.",
    "hours": "A row for each observed hour of a night.",
    "minutes": "A row for each minute that a sensor reported.",
    "events": "A row for each twitch, tremor bout, other burst, movement, mark and gap.",
    "annotations": "A row for each annotation, including those that were taken back.",
    "journal": "A row for each evening of the journal.",
    "findings": "A row for each finding.",
}
"""By name: what a row of each table is."""


def _place(night: WholeNight) -> Row:
    return {"sensor": night.device, "hardware_id": night.sensor, "night": night.date.isoformat()}


def night_row(view: NightView) -> Row:
    """The cells of a night."""
    return flat(view, _COUNTS)


def hour_rows(view: NightView) -> list[Row]:
    """The cells of its hours."""
    place: Row = {"sensor": view.sensor, "hardware_id": view.hardware_id, "night": view.night}
    return [{**place, **flat(hour)} for hour in view.hours]


def minute_rows(night: WholeNight) -> list[Row]:
    """The cells of its minutes."""
    return [{**_place(night), **flat(minute_view(minute), _BURSTS)} for minute in night.minutes]


def event_rows(night: WholeNight) -> list[Row]:
    """The cells of everything that happened in it, in chronological order."""
    return [{**_place(night), **flat(line)} for line in events_of(night)]


def missing_row(view: MissingNights) -> Row:
    """The cells of nights without records."""
    return flat(view, _COUNTS)


def journal_row(view: JournalView) -> Row:
    """The cells of an evening."""
    return flat(view, {"values": _NOTED, "later": _NOTED})


def plain_row(view: DeviceLine | FlagView | AnnotationView) -> Row:
    """The cells of a sensor, a finding or an annotation."""
    return flat(view)


def minute_view(minute: NightMinute) -> MinuteView:
    """One minute of a sensor."""
    body = minute.body
    counts = {name: int(getattr(body, key)) for name, key in COUNTED_AS.items()}
    return MinuteView(
        "minute",
        start_utc=iso(minute.start_us),
        rest_s=body.rest_ms / 1000,
        live_s=minute.live_ms / 1000,
        moving_s=body.moving_ms / 1000,
        tremor_s=body.tremor_ms / 1000,
        not_worn_s=body.not_worn_ms / 1000,
        lost_s=body.lost_ms / 1000,
        unusable_s=body.unusable_ms / 1000,
        worn=_WORN.get(minute.wear, "unknown"),
        noise_mg=body.noise_ug / 1000,
        gravity_x_mg=body.gravity_x_mg,
        gravity_y_mg=body.gravity_y_mg,
        gravity_z_mg=body.gravity_z_mg,
        temperature_c=body.temperature_centi_c / 100,
        battery_mv=None if body.battery_mv == BATTERY_UNKNOWN_MV else body.battery_mv,
        input=_SEPARATOR.join(_names(body.input)),
        bursts=counts if minute.counted else None,
    )


_SEPARATOR = "; "


def _names(value: int) -> Sequence[str]:
    return [fault.name for fault in input_faults(value)]
