"""Recordings made elsewhere, converted to the format in which the sensor samples: 104 Hz, int16, +-4 g."""

from twitchwatch.recording.csv_file import write_csv
from twitchwatch.recording.model import LSB_MG, SAMPLE_RATE_HZ, Recording, Segment
from twitchwatch.recording.reading import read_recording
from twitchwatch.recording.stated import Stated
from twitchwatch.recording.timeline import recording_from_array

__all__ = [
    "LSB_MG",
    "SAMPLE_RATE_HZ",
    "Recording",
    "Segment",
    "Stated",
    "read_recording",
    "recording_from_array",
    "write_csv",
]
