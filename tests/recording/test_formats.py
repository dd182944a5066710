"""Exports of other programs are read as they are: rate, units, axes and time, and what was converted.

Headers as the makers and public repositories have them; the source of each is in its module in
`recording/formats`.
"""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from twitchwatch.errors import RecordingError, UsageError
from twitchwatch.recording import LSB_MG, Recording, Stated, binary, read_recording
from twitchwatch.recording.formats import FORMATS
from twitchwatch.recording.stated import stated

DOCS = Path(__file__).parents[2] / "docs" / "recordings.md"
COUNT = 400
BEGAN = datetime(2026, 3, 1, 23, 59, 59)
G_MS2 = 9.80665


def acc_g() -> NDArray[np.float64]:
    """Three axes that differ, turning slowly."""
    angle = np.linspace(0, 0.3, COUNT)
    return np.column_stack([0.1 + 0 * angle, np.sin(angle), np.cos(angle)])


def moments(rate_hz: float = 100) -> list[datetime]:
    return [BEGAN + timedelta(microseconds=round(1e6 * i / rate_hz)) for i in range(COUNT)]


def lines(header: str, row: Callable[[int, float, NDArray[np.float64]], str], rate_hz: float = 100) -> str:
    values = acc_g()
    return "\n".join([header, *(row(i, i / rate_hz, values[i]) for i in range(COUNT))]) + "\n"


def phyphox(delimiter: str, comma: bool) -> str:
    names = delimiter.join(
        f'"{name}"' for name in ["Time (s)", *(f"Acceleration {axis} (m/s^2)" for axis in "xyz")]
    )

    def row(i: int, t_s: float, g: NDArray[np.float64]) -> str:
        text = delimiter.join(f"{value:.9E}" for value in (t_s, *(g * G_MS2)))
        return text.replace(".", ",") if comma else text

    return lines(names, row)


def actigraph(stamped: bool, day_first: bool = False) -> str:
    order = "dd/MM/yyyy" if day_first else "M/d/yyyy"
    date = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    header = [
        "------------ Data File Created By ActiGraph GT3X+ ActiLife v6.11.9 Firmware v3.2.1 date format "
        f"{order} at 100 Hz  Filter Normal -----------",
        "Serial Number: NEO1B41100262",
        "Start Time 23:59:59",
        f"Start Date {BEGAN.strftime(date)}",
        "Epoch Period (hh:mm:ss) 00:00:00",
        "Download Time 17:20:05",
        f"Download Date {BEGAN.strftime(date)}",
        "Current Memory Address: 0",
        "Current Battery Voltage: 4.21     Mode = 12",
        "--------------------------------------------------",
        ("Timestamp," if stamped else "") + "Accelerometer X,Accelerometer Y,Accelerometer Z",
    ]
    when = moments()

    def row(i: int, t_s: float, g: NDArray[np.float64]) -> str:
        stamp = when[i].strftime(f"{date} %H:%M:%S.%f")[:-3] + "," if stamped else ""
        return stamp + ",".join(f"{value:.3f}" for value in g)

    return lines("\n".join(header), row)


def geneactiv() -> str:
    header = ["Device Type,GENEActiv", "Device Model,1.2", "Device Unique Serial Code,011710"]
    header += [""] * 7 + ["Measurement Frequency,100.0 Hz", "Start Time,2026-03-01 23:59:59:000"]
    header += [""] * (100 - len(header))
    when = moments()
    return lines(
        "\n".join(header),
        lambda i, t, g: when[i].strftime("%Y-%m-%d %H:%M:%S:%f")[:-3]
        + "," + ",".join(f"{value:.4f}" for value in g) + ",0,0,29.5",
    )  # fmt: skip


def stamped(header: str, stamp: str, cut: int = 0, delimiter: str = ",") -> str:
    when = moments()
    return lines(
        header,
        lambda i, t, g: delimiter.join(
            [when[i].strftime(stamp)[: cut or None], *(f"{value:.6f}" for value in g)]
        ),
    )


def in_order(header: str, scale: float = 1.0, time: Callable[[int], str] = lambda i: f"{i / 100:.3f}") -> str:
    return lines(header, lambda i, t, g: ",".join([time(i), *(f"{value * scale:.6f}" for value in g)]))


EPOCH_S = 1772409599
LOCAL = BEGAN
AWARE = datetime.fromtimestamp(EPOCH_S, UTC)

# name: (content, format, start, said)
FILES: dict[str, tuple[str, str, datetime | None, str]] = {
    "phyphox": (phyphox(",", comma=False), "phyphox", None, "are in m/s2: converted"),
    "phyphox, semicolon and comma": (phyphox(";", comma=True), "phyphox", None, "are in m/s2: converted"),
    "phyphox, tab and comma": (phyphox("\t", comma=True), "phyphox", None, "are in m/s2: converted"),
    "Sensor Logger": (
        lines(
            "time,seconds_elapsed,z,y,x",
            lambda i, t, g: (
                f"{EPOCH_S * 10**9 + i * 10**7},{t:.9f}," + ",".join(f"{v * G_MS2:.7f}" for v in g[::-1])
            ),
        ),
        "Sensor Logger",
        AWARE,
        "are in m/s2, because gravity is 9.8",
    ),
    "Sensor Logger, watch": (
        lines(
            "time,seconds_elapsed,rotationRateX,rotationRateY,rotationRateZ,gravityX,gravityY,gravityZ,"
            "accelerationX,accelerationY,accelerationZ",
            lambda i, t, g: (
                f"{EPOCH_S * 10**9 + i * 10**7},{t:.9f},0.1,0.2,0.3,{g[0] - 0.1},{g[1]},{g[2]},0.1,0,0"
            ),
        ),
        "Sensor Logger",
        AWARE,
        "in nanoseconds",
    ),
    "SensorLog": (
        lines(
            "loggingTime(txt),loggingSample(N),accelerometerTimestamp_sinceReboot(s),"
            "accelerometerAccelerationX(G),accelerometerAccelerationY(G),accelerometerAccelerationZ(G)",
            lambda i, t, g: (
                f"2026-03-02T00:59:59.000+01:00,{i},{81234 + t:.6f}," + ",".join(f"{v:.6f}" for v in g)
            ),
        ),
        "SensorLog",
        AWARE,
        "Read as",
    ),
    "Physics Toolbox": (
        lines("time,gFx,gFy,gFz,TgF", lambda i, t, g: f"{t:.3f}," + ",".join(f"{v:.4f}" for v in g) + ",1.0"),
        "Physics Toolbox",
        None,
        "Read as",
    ),
    "Physics Toolbox, clock": (
        lines(
            "time;gFx;gFy;gFz;TgF",
            lambda i, t, g: (
                moments()[i].strftime("%H:%M:%S:%f")[:-3] + ";" + ";".join(f"{v:.4f}" for v in g) + ";1"
            ),
        ),
        "Physics Toolbox",
        None,
        "Read as",
    ),
    "ActiGraph": (actigraph(stamped=False), "ActiGraph RAW", LOCAL, "Read as"),
    "ActiGraph, stamps": (actigraph(stamped=True), "ActiGraph RAW", LOCAL, "Read as"),
    "ActiGraph, day first": (actigraph(stamped=True, day_first=True), "ActiGraph RAW", LOCAL, "Read as"),
    "GENEActiv": (geneactiv(), "GENEActiv", LOCAL, "Read as"),
    "actipy": (stamped("time,x,y,z", "%Y-%m-%d %H:%M:%S.%f"), "actipy", LOCAL, "Read as"),
    "Open Movement": (
        stamped("Time,Accel-X (g), Accel-Y (g), Accel-Z (g)", "%Y-%m-%d %H:%M:%S.%f", cut=-3),
        "Open Movement",
        LOCAL,
        "Read as",
    ),
    "Open Movement, no names": (
        stamped("# OmGui", "%Y-%m-%d %H:%M:%S.%f", cut=-3),
        "Open Movement",
        LOCAL,
        "Read as",
    ),
    "EmbracePlus": (
        in_order("unix_timestamp,x,y,z", time=lambda i: str(EPOCH_S * 10**6 + i * 10**4)),
        "Empatica EmbracePlus",
        AWARE,
        "in microseconds",
    ),
    "plain, mg and ms": (
        in_order("timestamp,acc_x,acc_y,acc_z", 1000, lambda i: str(EPOCH_S * 1000 + i * 10)),
        "CSV",
        AWARE,
        "are in mg, because gravity is",
    ),
    "no names": (
        in_order("# exported", G_MS2, lambda i: str(10**14 + i * 10**7)),
        "CSV without names",
        None,
        "in nanoseconds",
    ),
    "own, but m/s2": (
        in_order("t_s,ax_g,ay_g,az_g", G_MS2),
        "Twitchwatch CSV",
        None,
        "although the file says",
    ),
    "zone": (
        stamped("Timestamp;Acc X [g];Acc Y [g];Acc Z [g]", "%Y-%m-%dT%H:%M:%S.%f+05:30", delimiter=";"),
        "CSV",
        BEGAN.replace(tzinfo=timezone(timedelta(hours=5, minutes=30))),
        "Read as",
    ),
}


def check(recording: Recording, name: str, start: datetime | None) -> None:
    assert recording.format == name
    assert recording.original_rate_hz == pytest.approx(100, rel=1e-4)
    assert recording.duration_s == pytest.approx((COUNT - 1) / 100, abs=0.02)
    (segment,) = recording.segments
    middle_g = segment.samples[len(segment.samples) // 2] * (LSB_MG / 1000)
    np.testing.assert_allclose(middle_g, acc_g()[COUNT // 2], atol=2e-3)
    assert recording.start == start
    assert (recording.start is None) == (start is None)
    if start is not None and recording.start is not None:
        assert (recording.start.tzinfo is None) == (start.tzinfo is None)


@pytest.mark.parametrize("name", FILES)
def test_export(tmp_path: Path, name: str) -> None:
    content, recognised, start, said = FILES[name]
    path = tmp_path / "export.csv"
    path.write_text(content)
    recording = read_recording(path)
    check(recording, recognised, start)
    assert any(said in notice for notice in recording.notices), recording.notices


def test_empatica_e4_states_rate_and_start_and_has_steps_of_a_64th(tmp_path: Path) -> None:
    path = tmp_path / "ACC.csv"
    head = f"{EPOCH_S}.000000, {EPOCH_S}.000000, {EPOCH_S}.000000\n32.000000, 32.000000, 32.000000\n"
    path.write_text(head + "10,0,63\n" * 400)
    recording = read_recording(path)
    assert (recording.format, recording.start) == ("Empatica E4", AWARE)
    assert recording.original_rate_hz == pytest.approx(32)
    (segment,) = recording.segments
    np.testing.assert_allclose(segment.samples[200] * (LSB_MG / 1000), [10 / 64, 0, 63 / 64], atol=1e-4)


def test_user_acceleration_without_gravity_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "linear.csv"
    names = ",".join(['"Time (s)"', *(f'"Linear Acceleration {axis} (m/s^2)"' for axis in "xyz")])
    path.write_text(names + "\n" + "".join(f"{i / 100},0.01,0.02,-0.01\n" for i in range(400)))
    with pytest.raises(RecordingError, match=r"phyphox was recognised. Gravity seems to have been removed"):
        read_recording(path)


@pytest.mark.parametrize("packing", ["gz", "zip", "utf-16", "utf-8-sig", "crlf"])
def test_packed(tmp_path: Path, packing: str) -> None:
    content, recognised, start, _ = FILES["phyphox, semicolon and comma"]
    path = tmp_path / "export.dat"
    match packing:
        case "gz":
            path.write_bytes(gzip.compress(content.encode()))
        case "zip":
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("meta/time.csv", "event,experiment time\nSTART,0\n")
                archive.writestr("Raw Data.csv", content)
        case "crlf":
            path.write_bytes(content.replace("\n", "\r\n").encode())
        case _:
            path.write_bytes(content.encode(packing))
    check(read_recording(path), recognised, start)


def test_the_right_file_of_a_sensor_logger_archive(tmp_path: Path) -> None:
    content, recognised, start, _ = FILES["Sensor Logger"]
    path = tmp_path / "recording.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Accelerometer.csv", content.replace("9.", "0."))
        archive.writestr("TotalAcceleration.csv", content)
    check(read_recording(path), recognised, start)


def test_an_archive_of_several_recordings_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("left.csv", "right.csv"):
            archive.writestr(name, FILES["actipy"][0])
    with pytest.raises(RecordingError, match=r"several recordings .*left.csv, right.csv"):
        read_recording(path)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    content, recognised, start, _ = FILES["SensorLog"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    check(read_recording("-"), recognised, start)


def test_what_is_stated_goes_before_what_is_found(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(in_order("t,x,y,z", 8192))
    with pytest.raises(RecordingError, match="--units"):
        read_recording(path)
    start = datetime(2026, 1, 2, tzinfo=UTC)
    recording = read_recording(path, Stated(rate_hz=100, unit_g=1 / 8192, start=start))
    check(recording, "CSV", start)
    assert "Accelerations are in units of 1/8192 g: converted to g." in recording.notices


def test_every_format_is_in_the_documents() -> None:
    page = DOCS.read_text()
    for formats, end in (
        (FORMATS, "<!-- end of formats -->"),
        (binary.FORMATS, "<!-- end of binary formats -->"),
    ):
        table = page[: page.index(end)].rpartition("| --- | --- |\n")[2]
        assert table == "".join(f"| {name} | {what} |\n" for name, what, *_ in formats)


@pytest.mark.parametrize(
    ("columns", "units", "start", "said"),
    [
        ("t=1,x=2,y=3", None, None, "--columns t=1,x=2,y=3 is incomplete"),
        ("t=1,x=2,y=3,z=", None, None, "is incomplete"),
        (None, "stone", None, "--units stone is not a unit"),
        (None, "0/g", None, "is not a unit"),
        (None, None, "yesterday", "--start yesterday is not a time"),
    ],
)
def test_what_is_stated_wrong_is_refused(columns: str, units: str, start: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        stated(None, units, start, columns)


def test_columns_by_name_and_number(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text(in_order("Zeit|s,links,oben,vorn").replace(",", "\t"))
    recording = read_recording(path, stated(None, "g", None, "t=1,x=links,y=3,z=vorn"))
    check(recording, "CSV, columns as given", None)
    with pytest.raises(UsageError, match="no column 'rechts'"):
        read_recording(path, stated(None, None, None, "t=1,x=rechts,y=3,z=4"))
