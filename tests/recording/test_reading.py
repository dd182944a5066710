"""A user's file is read as it stands, or refused with the line and the remedy."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from twitchwatch.errors import Exit, RecordingError
from twitchwatch.recording import LSB_MG, read_recording, write_csv

HEADER = "t_s,ax_g,ay_g,az_g"


def rows(count: int = 300, rate_hz: float = 100) -> list[str]:
    return [f"{i / rate_hz:.6f},0.01,-0.02,1.0" for i in range(count)]


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def with_row(index: int, text: str) -> list[str]:
    lines = rows()
    lines[index] = text
    return [HEADER, *lines]


def scaled(factor: float) -> list[str]:
    return [HEADER, *(f"{i / 100:.2f},0,0,{factor}" for i in range(300))]


def timed(step: float) -> list[str]:
    return [HEADER, *(f"{i * step:.9g},0,0,1" for i in range(300))]


BAD = {
    "missing column": (["t_s,ax_g,az_g", "0,0,1"], 1, ["no known format", "t_s,ax_g,ay_g,az_g"]),
    "header only": ([HEADER], 1, ["no known format", "No values follow"]),
    "unknown columns": (
        ["when,left,right,up", "0,0,0,1"],
        1,
        ["Its columns are when, left, right, up", "--columns t=1,x=2,y=3,z=4"],
    ),
    "counts by name": (["t_s,x_raw,y_raw,z_raw", *scaled(8192)[1:]], 2, ["looks like raw counts", "--units"]),
    "1 s rows, in s by name": (["t_s,x,y,z", *timed(1)[1:]], 3, ["which is 1 Hz and outside"]),
    "1 s rows, dated": (
        ["timestamp,x,y,z", *(f"{1772406000 + i},0,0,1" for i in range(300))],
        3,
        ["which is 1 Hz and outside"],
    ),
    "too short": ([HEADER, *rows(150)], 151, ["ends after 1.49 s", "At least 2 s"]),
    "one sample": ([HEADER, *rows(1)], 2, ["ends after 0 s"]),
    "not a number": (
        with_row(40, "0.4,0.0,much,1.0"),
        42,
        ["'much' is not a number", "Twitchwatch CSV was recog"],
    ),
    "a value too few": (with_row(11, "0.11,0,0"), 13, ["3 values where the lines before have 4"]),
    "decimal comma": (with_row(11, "0,11,0,0,1"), 13, ["5 values where"]),
    "backwards": (with_row(50, "0.3,0,0,1"), 52, ["runs backwards: from 0.49 s to 0.3 s", "Sort the rows"]),
    "two rows swapped": (
        [HEADER, *rows()[:50], rows()[51], rows()[50], *rows()[52:]],
        53,
        ["runs backwards: from 0.51 s to 0.5 s"],
    ),
    "too slow": (timed(0.1), 3, ["10 Hz and outside 20 to 1000 Hz", "Record at 20 Hz or more"]),
    "too fast": (
        [HEADER, *(f"{i * 0.0005:.4f},0,0,1" for i in range(5000))],
        3,
        ["2000 Hz", "Reduce the rate"],
    ),
    "counts": (scaled(8192), 2, ["looks like raw counts", "--units"]),
    "no gravity": (scaled(0.02), 2, ["Gravity seems to have been removed"]),
    "odd unit": (scaled(3), 2, ["with gravity left in"]),
    "two rates": (
        [HEADER, *(f"{i / 50 if i < 2500 else 25 + i / 100:.3f},0,0,1" for i in range(5000))],
        2502,
        ["the rate changes from 50 to 100 Hz", "Split the file"],
    ),
}


@pytest.mark.parametrize(("lines", "line", "said"), BAD.values(), ids=BAD.keys())
def test_refused_with_line_and_remedy(tmp_path: Path, lines: list[str], line: int, said: list[str]) -> None:
    path = write(tmp_path / "bad.csv", lines)
    with pytest.raises(RecordingError) as refusal:
        read_recording(path)
    message = str(refusal.value)
    assert message.startswith(f"{path}, line {line}: ")
    for words in said:
        assert words in message
    assert refusal.value.exit_code is Exit.USAGE


def test_empty_lines_count_as_lines(tmp_path: Path) -> None:
    lines = with_row(40, "0.3,0.0,0,1.0")
    lines.insert(10, "")
    with pytest.raises(RecordingError, match="line 43: time runs backwards"):
        read_recording(write(tmp_path / "gaps.csv", lines))


@pytest.mark.parametrize(
    ("content", "line"), [(b"\x89PNG\x00\x00" * 50, 1), (b"t_s,ax_g,ay_g,az_g\n\x00\x01\n", 2)]
)
def test_binary_file(tmp_path: Path, content: bytes, line: int) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=f"line {line}: this is not text. Export the recording as CSV"):
        read_recording(path)


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_empty_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="line 1: the file is empty"):
        read_recording(path)


def test_bytes_that_are_no_text_further_down(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    path.write_bytes("\n".join(with_row(30, "0.3,0,0,\u00b5")).encode("latin-1"))
    with pytest.raises(RecordingError, match="line 32: this is not text"):
        read_recording(path)


def test_absent_file_folder_and_broken_gzip(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        read_recording(tmp_path / "none.csv")
    with pytest.raises(RecordingError, match="Is a directory"):
        read_recording(tmp_path)
    broken = write(tmp_path / "plain.csv.gz", [HEADER, *rows()])
    assert read_recording(broken).original_rate_hz == pytest.approx(100)
    whole = gzip.compress("\n".join([HEADER, *rows()]).encode())
    broken.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RecordingError, match="a compressed file must be whole"):
        read_recording(broken)


def test_column_order_is_free(tmp_path: Path) -> None:
    lines = ["az_g,gz_dps,t_s,gx_dps,ax_g,gy_dps,ay_g"]
    lines += [f"1.0,3,{i / 104:.9f},1,0.1,2,0.2" for i in range(300)]
    recording = read_recording(write(tmp_path / "ring.csv", lines))
    (segment,) = recording.segments
    assert (segment.samples == np.rint(np.array([100, 200, 1000]) / LSB_MG)).all()
    assert segment.gyro_dps is not None
    np.testing.assert_array_equal(segment.gyro_dps, np.tile(np.float32([1, 2, 3]), (300, 1)))


def test_windows_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([HEADER, *rows()]).encode() + b"\r\n\r\n")
    recording = read_recording(path)
    assert recording.source == "excel.csv"
    assert recording.original_rate_hz == pytest.approx(100)


@pytest.mark.parametrize("name", ["night.csv", "night.csv.gz"])
def test_written_file_reads_back(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(5)
    counts = rng.integers(-800, 800, (500, 3)) + np.array([0, 0, 8197])
    gyro_dps = rng.normal(0, 20, (500, 3))
    write_csv(tmp_path / name, 17e8 + np.arange(500) / 104, counts * LSB_MG / 1000, gyro_dps)
    (segment,) = read_recording(tmp_path / name).segments
    np.testing.assert_array_equal(segment.samples, counts)
    assert segment.gyro_dps is not None
    np.testing.assert_allclose(segment.gyro_dps, gyro_dps, atol=1e-4)


def test_a_sensor_that_clips_at_its_own_range_is_fine(tmp_path: Path) -> None:
    lines = with_row(60, "0.6,-2,1.99994,1")
    assert len(read_recording(write(tmp_path / "clipped.csv", lines)).segments) == 1


@pytest.mark.parametrize("key", ["CTRL_909_1", "PD_803_1"])
def test_real_rest_recordings(data_dir: Path, tmp_path: Path, key: str) -> None:
    """Cavanagh et al. 2018, hand at rest, 100 Hz, 8192 counts per g."""
    with np.load(data_dir / "pd_rest_tremor_100hz.npz") as data:
        acc_g = data[key] / data["lsb_per_g"]
        t_s = np.arange(len(acc_g)) / data["fs"]
    write_csv(tmp_path / f"{key}.csv.gz", t_s, acc_g)
    recording = read_recording(tmp_path / f"{key}.csv.gz")
    assert recording.original_rate_hz == pytest.approx(100, rel=1e-6)
    assert recording.gaps == []
    assert recording.interpolated == ()
    assert recording.duration_s == pytest.approx(t_s[-1], abs=0.02)
    (segment,) = recording.segments
    kept_g = segment.samples * (LSB_MG / 1000)
    np.testing.assert_allclose(kept_g.mean(axis=0), acc_g.mean(axis=0), atol=1e-3)
    np.testing.assert_allclose(kept_g.std(axis=0), acc_g.std(axis=0), rtol=0.01)
