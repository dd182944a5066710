"""Any other text file with a time and three axes, named as people name them, or without names."""

from __future__ import annotations

from twitchwatch.recording.head import Head
from twitchwatch.recording.layout import UNITS_DPS, Layout, TimeColumn
from twitchwatch.recording.naming import is_number, named, stamp_of

NAME = "CSV"
_UNIT = r"(\s*[(\[][^)\]]*[)\]]|_g|_ms2|_mg|_raw|_counts|_lsb)?"
_TIME = (
    r"(unix_?|epoch_?)?(time|timestamps?|t|ts|date_?time|epoch|elapsed|seconds|time_stamps?)"
    rf"{_UNIT}(_s|_ms|_us|_ns)?"
)
_ACC = rf"(total_?|raw_?)?(acc|accel|accelerometer|acceleration|a)?[ _.-]?{{}}{_UNIT}"
_GYRO = rf"(gyro|gyroscope|rotation_?rate|rot|g|w)[ _.-]?{{}}{_UNIT}(_dps)?"
_USER = rf"(user_?)acc(el|eleration)?[ _.-]?{{}}{_UNIT}"
_GRAVITY = rf"grav(ity)?[ _.-]?{{}}{_UNIT}"


def recognise(head: Head) -> Layout | None:
    """By names of time and of three axes, or of user acceleration and gravity; or by bare numbers."""
    header = head.first()
    if header >= len(head.lines):
        return None
    radians = UNITS_DPS["rad/s"]
    found = named(
        head, header, NAME, time=_TIME, acc=_USER, added=_GRAVITY, gyro=_GYRO, gyro_unit_dps=radians
    ) or named(head, header, NAME, time=_TIME, acc=_ACC)
    return found or _without_names(head, header)


def _without_names(head: Head, row: int) -> Layout | None:
    delimiter, decimal = head.dialect(row)
    values = head.cells(row, delimiter)
    if len(values) < 4 or not all(map(is_number, values[1:4])):
        return None
    stamp = stamp_of(values[0])
    if stamp is None:
        return None
    return Layout(
        f"{NAME} without names",
        row,
        delimiter,
        decimal,
        len(values),
        ((1,), (2,), (3,)),
        TimeColumn(0, stamp),
    )
