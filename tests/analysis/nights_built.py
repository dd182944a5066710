"""Nights of one log that is whole in memory, by the two steps that the archive takes."""

from dataclasses import dataclass

from twitchwatch.analysis.board_faults import STOPPED
from twitchwatch.analysis.night import WholeNight
from twitchwatch.analysis.nights import LogPart, build_night
from twitchwatch.analysis.placing import Head, makes_night, place
from twitchwatch.clock.calendar import Calendar
from twitchwatch.clock.zone import name_of
from twitchwatch.shared.protocol import records as protocol


@dataclass(frozen=True)
class Built:
    nights: tuple[WholeNight, ...]
    undated: int


def head_of(record):
    makes = makes_night(record.type, record.version) or record.body is None
    if record.type == protocol.STATUS and record.body is not None:
        makes = bool(record.body.broken & STOPPED)
    return Head(record.seq, record.boot_id, record.time_us, makes)


def build_nights(records, utc, zone, *, device, sensor=""):
    calendar = zone if isinstance(zone, Calendar) else Calendar((), name_of(zone, 0))
    placed = place([head_of(record) for record in records], utc, calendar, -1)
    boots = {record.boot_id: record.body for record in records if record.type == protocol.BOOT}
    part = LogPart(1, records, utc, boots)
    built = [
        build_night(cut, [part], device=device, sensor=sensor)
        for cut in sorted(placed.runs, key=lambda cut: cut.start_us)
    ]
    return Built(tuple(night for night in built if night is not None), placed.undated)
