"""The picture of a recording: its course, the waveform of each event with its evidence, spectra of tremor."""

from twitchwatch.laboratory.picture.files import check_picture, write_pictures
from twitchwatch.laboratory.picture.seen import Seen, seen_in

__all__ = ["Seen", "check_picture", "seen_in", "write_pictures"]
