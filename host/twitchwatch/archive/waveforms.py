"""Waveforms: the snippet records of a night, by number."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from twitchwatch.analysis.night import NightEvent, TremorBout, WholeNight
from twitchwatch.analysis.waveform import waveform_of
from twitchwatch.archive.nights import Archive
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.shared.protocol.records import SNIPPET
from twitchwatch.store import Store
from twitchwatch.views.waveform import WaveformView, waveform_view


def stored_waveform(archive: Archive, night: WholeNight, seq: int) -> WaveformView:
    """The waveform with this number, of an event or bout of the night. Raises UsageError if there is none.

    A night may have several logs, each of which numbers its records from 0.
    """
    owners: list[NightEvent | TremorBout] = [*night.events, *night.bouts]
    for owner in owners:
        if owner.snippet_seq != seq:
            continue
        for device in archive.logs_of(night):
            for record in archive.store.records(device.id, types=(SNIPPET,), from_seq=seq, upto_seq=seq + 1):
                body = record.body
                if body is None or body.event_seq != owner.seq or record.boot_id != owner.boot_id:
                    continue
                if (waveform := waveform_of(record)) is not None:
                    return waveform_view(waveform)
    raise UsageError(f"The night of {evening(night.date)} has no waveform {seq}.")


def largest_waveforms(
    store: Store, nights: Iterable[WholeNight]
) -> list[tuple[NightEvent, WaveformView] | None]:
    """For each night its largest twitch of which the waveform is stored; None if there is none."""
    archive = Archive(store, LOCAL)
    archive.sensors()
    return [_largest(archive, night) for night in nights]


def _largest(archive: Archive, night: WholeNight) -> tuple[NightEvent, WaveformView] | None:
    kept = [one for one in night.events if one.kind == "twitch" and one.snippet_seq is not None]
    for event in sorted(kept, key=lambda one: -one.peak_mg):
        with suppress(UsageError):
            return event, stored_waveform(archive, night, event.snippet_seq or 0)
    return None
