"""Binary files of research sensors: bytes after the makers' descriptions, read by others' libraries.

Axivity: openmovement, Docs/ax3/cwa.h. GENEActiv: Open Manual 1.2, "bin file". ActiGraph: the repository
actigraph/GT3X-File-Format. Real files that were read by hand: see docs/recordings.md.
"""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path

import edfio
import numpy as np
import pytest

from twitchwatch.errors import RecordingError
from twitchwatch.recording import LSB_MG, Recording, binary, pieces, read_recording

BEGAN = datetime(2026, 3, 1, 23, 0, 0)
COUNTS = np.array([[26 + i % 2, -40, 250] for i in range(1200)])
"""Of 256 to 1 g."""


def cwa(path: Path, axes: int = 3) -> Path:
    """512-byte sectors of 80 samples at 100 Hz, +-8 g: 256 counts to 1 g."""
    stamp = (26 << 26) | (3 << 22) | (1 << 17) | (23 << 12)
    header = bytearray(b"\xff" * 1024)
    header[:5] = b"MD" + struct.pack("<HB", 1020, 0)
    header[5:11] = struct.pack("<HI", 1, 7)
    header[36] = 0x4A
    blocks = []
    per_block = 480 // (2 * axes)
    for first in range(0, len(COUNTS) // per_block * per_block, per_block):
        at_s, since_whole_second = divmod(first, 100)
        body = np.zeros((per_block, axes), "<i2")
        body[:, -3:] = COUNTS[first : first + per_block]
        block = b"AX" + struct.pack(
            "<HHIIIHHBBBBhH",
            508,
            0,
            7,
            first // per_block,
            stamp | at_s,
            0,
            0,
            0,
            200,
            0x4A,
            (axes << 4) | 2,
            -since_whole_second,
            per_block,
        )
        block += body.tobytes()
        total = -sum(struct.unpack(f"<{len(block) // 2}H", block)) & 0xFFFF
        blocks.append(block + struct.pack("<H", total))
    path.write_bytes(bytes(header) + b"".join(blocks))
    return path


def record(kind: int, epoch_s: int, payload: bytes) -> bytes:
    """A record of log.bin, which ends in the inverted exclusive or of its bytes."""
    content = struct.pack("<BBIH", 0x1E, kind, epoch_s, len(payload)) + payload
    checksum = 0
    for byte in content:
        checksum ^= byte
    return content + bytes([~checksum & 0xFF])


def gt3x(path: Path) -> Path:
    """A record a second of "Activity" (type 0): 12 bits a value, y before x before z."""
    ticks = int((BEGAN - datetime(1, 1, 1)).total_seconds() * 10**7)
    info = {
        "Serial Number": "MOS2E12345678",
        "Device Type": "wGT3XBT",
        "Firmware": "1.9.2",
        "Sample Rate": "100",
        "Start Date": str(ticks),
        "Stop Date": "0",
        "Last Sample Time": str(ticks + 12 * 10**7),
        "TimeZone": "00:00:00",
        "Acceleration Scale": "256.0",
        "Acceleration Min": "-8.0",
        "Acceleration Max": "8.0",
    }
    epoch_s = int((BEGAN - datetime(1970, 1, 1)).total_seconds())
    # Acceleration scale (space 0, number 55) in ActiGraph's floating point: 0.5 x 2^9; sample rate (1, 10).
    parameters = struct.pack("<HHIHHI", 0, 55, 9 << 24 | 1 << 22, 1, 10, 100)
    log = record(21, epoch_s, parameters)
    for second in range(12):
        values = COUNTS[100 * second : 100 * second + 100, [1, 0, 2]].ravel() & 0xFFF
        log += record(0, epoch_s + second, bytes.fromhex("".join(f"{value:03x}" for value in values)))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("info.txt", "".join(f"{key}: {value}\r\n" for key, value in info.items()))
        archive.writestr("log.bin", log)
    return path


def edf(path: Path, unit: str = "g", names: str = "Accel {}") -> Path:
    signals = [
        edfio.EdfSignal(
            COUNTS[:, i] / 256,
            100,
            label=names.format("XYZ"[i]),
            physical_dimension=unit,
            physical_range=(-8, 8),
        )
        for i in range(3)
    ]
    edfio.Edf(signals, starttime=BEGAN.time(), recording=edfio.Recording(startdate=BEGAN.date())).write(path)
    return path


GAIN, OFFSET = (25283, 25370, 24988), (-395, 368, -295)
"""Of a real sensor (left_ankle_example.bin of Python-GENEActiv-Reader, 2020)."""


def geneactiv(path: Path, pages: str = "4") -> Path:
    """59 lines of text, then pages of 300 samples at 100 Hz: nine lines, and one of 12 hex digits a sample.

    12 bits each for x, y and z, then 10 of light, the button and one unused; in g (100 raw - offset) / gain.
    """
    header = [
        *("Device Identity", "Device Unique Serial Code:052192", "Device Type:GENEActiv", "Device Model:1.1"),
        *("Device Firmware Version:Ver4.08a date14Jul14", "Calibration Date:2019-04-18 12:47:10:000", ""),
        *("Device Capabilities", "Accelerometer Range:-8 to 8", "Accelerometer Resolution:0.0039"),
        *("Accelerometer Units:g", "Light Meter Range:0 to 5000", "Light Meter Resolution:5"),
        *("Light Meter Units:lux", "Temperature Sensor Range:0 to 70", "Temperature Sensor Resolution:0.1"),
        *("Temperature Sensor Units:deg. C", "", "Configuration Info", "Measurement Frequency:100 Hz"),
        *("Measurement Period:2 Hours", "Start Time:2026-03-01 23:00:00:000", "Time Zone:GMT +01:00", ""),
        *("Trial Info", "Study Centre:", "Study Code:", "Investigator ID:", "Exercise Type:"),
        *("Config Operator ID:", "Config Time:2026-03-01 20:06:59:095", "Config Notes:"),
        *("Extract Operator ID:", "Extract Time:2026-03-02 15:01:54:732", "Extract Notes:", ""),
        *("Subject Info", "Device Location Code:left wrist", "Subject Code:", "Date of Birth:1980-01-01"),
        *("Sex:", "Height:", "Weight:", "Handedness Code:", "Subject Notes:", "", "Calibration Data"),
        *(f"{axis} {what[0]}:{what[1][i]}" for i, axis in enumerate("xyz") for what in _CALIBRATION),
        *("Volts:44", "Lux:886", "", "Memory Status", f"Number of Pages:{pages}", ""),
    ]
    assert len(header) == 59
    raw = np.rint((COUNTS / 256 * GAIN + OFFSET) / 100).astype(int) & 0xFFF
    for number, first in enumerate(range(0, len(COUNTS), 300)):
        time = f"2026-03-01 23:00:{first // 100:02d}:000"
        header += ["Recorded Data", "Device Unique Serial Code:052192", f"Sequence Number:{number}"]
        header += [f"Page Time:{time}", "Unassigned:", "Temperature:18.9", "Battery voltage:4.0149"]
        header += ["Device Status:Recording", "Measurement Frequency:100.0"]
        header.append("".join(f"{x:03X}{y:03X}{z:03X}1BC" for x, y, z in raw[first : first + 300]))
    path.write_text("\r\n".join(header) + "\r\n")
    return path


_CALIBRATION = (("gain", GAIN), ("offset", OFFSET))


def check(recording: Recording, name: str) -> None:
    assert recording.format == name
    assert recording.original_rate_hz == pytest.approx(100, rel=0.01)
    assert recording.start == BEGAN
    (segment,) = recording.segments
    assert segment.duration_s == pytest.approx(12, abs=0.2)
    expected_g = COUNTS[:, :].mean(axis=0) / 256
    np.testing.assert_allclose(segment.samples.mean(axis=0) * LSB_MG / 1000, expected_g, atol=2e-3)


MADE = {cwa: "Axivity CWA", gt3x: "ActiGraph GT3X", edf: "EDF", geneactiv: "GENEActiv BIN"}


@pytest.mark.parametrize(("make", "name"), MADE.items())
def test_read(tmp_path: Path, make, name: str) -> None:  # type: ignore[no-untyped-def]
    check(read_recording(make(tmp_path / "recording")), name)


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("size", [1, 600, 5000, 20000])
def test_a_long_file_is_read_in_pieces(  # type: ignore[no-untyped-def]
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make, size: int
) -> None:
    path = make(tmp_path / "recording")
    whole = read_recording(path)
    monkeypatch.setattr(pieces, "PIECE_BYTES", size)
    monkeypatch.setattr(binary, "EDF_S", size / 600)
    read = read_recording(path)
    assert (read.format, read.start, read.notices) == (whole.format, whole.start, whole.notices)
    assert read.original_rate_hz == pytest.approx(whole.original_rate_hz, rel=1e-9)
    (one,), (other,) = read.segments, whole.segments
    np.testing.assert_array_equal(one.samples, other.samples)


def test_number_of_pages_that_is_wrong(tmp_path: Path) -> None:
    """A sensor that stopped early leaves the planned number; a damaged one may be any."""
    check(read_recording(geneactiv(tmp_path / "early", pages="480")), "GENEActiv BIN")
    check(read_recording(geneactiv(tmp_path / "damaged", pages="99999999999999999")), "GENEActiv BIN")


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.97])
def test_cut_short(tmp_path: Path, make, keep: float) -> None:  # type: ignore[no-untyped-def]
    """Read as far as it goes, or refused in words; never a traceback."""
    path = make(tmp_path / "recording")
    path.write_bytes(path.read_bytes()[: int(keep * path.stat().st_size)])
    refused = (
        pytest.raises(RecordingError, match="recording") if keep < 0.4 or make is gt3x else nullcontext()
    )
    with refused:
        assert 2 <= read_recording(path).duration_s < 12


def test_ax6_whose_acceleration_has_no_gravity_is_refused(tmp_path: Path) -> None:
    path = cwa(tmp_path / "ax6.cwa", axes=6)
    content = bytearray(path.read_bytes())
    for start in range(1024, len(content), 512):
        values = np.frombuffer(bytes(content[start + 30 : start + 510]), "<i2").reshape(-1, 6)
        content[start + 30 : start + 510] = values[:, [3, 4, 5, 0, 1, 2]].tobytes()
        words = struct.unpack("<255H", bytes(content[start : start + 510]))
        content[start + 510 : start + 512] = struct.pack("<H", -sum(words) & 0xFFFF)
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="no gravity, as if it were the rotation"):
        read_recording(path)


@pytest.mark.parametrize(("unit", "names"), [("uV", "Accel {}"), ("g", "EEG {}1")])
def test_edf_without_acceleration(tmp_path: Path, unit: str, names: str) -> None:
    with pytest.raises(RecordingError, match="no three signals in g, mg or m/s2"):
        read_recording(edf(tmp_path / "night.edf", unit, names))


def test_edf_without_signals(tmp_path: Path) -> None:
    """edfio 0.4.18 divides by the length of a record."""
    path = edf(tmp_path / "night.edf")
    content = bytearray(path.read_bytes())
    content[252:256] = b"0   "
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="EDF was recognised, but it cannot be read"):
        read_recording(path)


def gt3x_record(kind: int, payload: bytes) -> bytes:
    return (
        bytes([0x1E, kind]) + (0).to_bytes(4, "little") + len(payload).to_bytes(2, "little") + payload + b"!"
    )


@pytest.mark.parametrize("size", [1, 50, 333, 100_000])
def test_pieces_of_a_gt3x_log_begin_with_samples_and_not_in_idle_sleep(size: int) -> None:
    """To fill in the time of an idle sleep takes the sample before it, in the same piece."""
    samples, sleeps, wakes = gt3x_record(0, b"12345"), gt3x_record(3, b"\x08"), gt3x_record(3, b"\x09")
    battery, docked = gt3x_record(2, b"ab"), gt3x_record(0, b"1")
    first, second = gt3x_record(21, b"first..."), gt3x_record(21, b"second..")
    rest = [samples, samples, sleeps, *[battery] * 20, wakes, samples, second, docked, sleeps, battery, wakes]
    log = b"".join([first, *rest, *[samples] * 30])
    parts = list(pieces._records(io.BytesIO(log), size))
    assert parts[0].startswith(first)
    whole = parts[0]
    for piece in parts[1:]:
        held = next(each for each in (first, second) if piece.startswith(each))
        assert held == (second if second in whole else first)
        assert piece[len(held) :].startswith(samples)
        whole += piece[len(held) :]
    assert whole == log
    assert size == 100_000 or len(parts) > 1
