"""Waveforms: the snippet records of a night, by number."""

from __future__ import annotations

from twitchwatch.analysis.night import WholeNight
from twitchwatch.analysis.waveform import waveform_of
from twitchwatch.errors import UsageError
from twitchwatch.shared.protocol.records import SNIPPET
from twitchwatch.store import Store
from twitchwatch.views.waveform import WaveformView, waveform_view


def stored_waveform(store: Store, night: WholeNight, seq: int) -> WaveformView:
    """The waveform with this number, of an event or bout of the night. Raises UsageError if there is none."""
    owners = {event.snippet_seq: event.seq for event in night.events}
    owners |= {bout.snippet_seq: bout.seq for bout in night.bouts}
    if seq in owners:
        for device in store.devices():
            if device.hardware_id != night.identity:
                continue
            for record in store.records(device.id, types=(SNIPPET,), from_seq=seq, upto_seq=seq + 1):
                if record.body is None or record.body.event_seq != owners[seq]:
                    continue
                if (waveform := waveform_of(record)) is not None:
                    return waveform_view(waveform)
    raise UsageError(f"The night of {night.date} has no waveform {seq}.")
