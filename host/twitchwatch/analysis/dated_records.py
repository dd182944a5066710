"""Events and bouts in the field's units, from records whose time is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twitchwatch.analysis.half_width import half_width_s
from twitchwatch.analysis.night import NightEvent, TremorBout
from twitchwatch.analysis.resolve import MACHINE, joined
from twitchwatch.analysis.rhythm import shows_line
from twitchwatch.analysis.vocabulary import KINDS, REASONS
from twitchwatch.analysis.waveform import Waveform, waveform_of
from twitchwatch.analysis.waveform_check import waveform_check
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.shared.protocol.records import Record


@dataclass(frozen=True, slots=True)
class DatedRecord:
    """An event or a bout with its time; what `resolve` needs of either."""

    record: Record
    utc_us: int
    error_us: int

    @property
    def sample(self) -> int:
        """Onset, in samples."""
        return int(self.record.body.sample)

    @property
    def kind(self) -> int:
        """Of an event: the record's number for it."""
        return int(self.record.body.kind)

    @property
    def reason(self) -> int:
        """Of an event: the record's number for it."""
        return int(self.record.body.reason)

    @property
    def duration_ms(self) -> int:
        """Duration."""
        return int(self.record.body.duration_ms)

    @property
    def flags(self) -> int:
        """Of the record."""
        return int(self.record.body.flags)

    @property
    def frequency_milli_hz(self) -> int:
        """Of a bout."""
        return int(self.record.body.frequency_milli_hz)


def event_of(found: DatedRecord, snippets: Mapping[int, Record]) -> NightEvent:
    """An event in the field's units, with the check of its waveform. snippets: by the seq of their event."""
    record, body = found.record, found.record.body
    reported = KINDS.get(body.kind, f"kind {body.kind}")
    snippet = snippets.get(record.seq)
    shown = None if snippet is None else waveform_of(snippet)
    look = (
        None
        if shown is None
        else waveform_check(shown.motion_mg, shown.rate_hz, reported, body.noise_ug / 1000)
    )
    return NightEvent(
        utc_us=found.utc_us,
        error_us=found.error_us,
        boot_id=record.boot_id,
        sample=body.sample,
        seq=record.seq,
        kind=look.kind if look is not None and look.certain else reported,
        duration_ms=body.duration_ms,
        peak_mg=body.peak_ug / 1000,
        noise_mg=body.noise_ug / 1000,
        axis="xyz"[body.axis] if body.axis < 3 else str(body.axis),
        snippet_seq=None if snippet is None else snippet.seq,
        reported=reported,
        look=look,
        reason=REASONS.get(body.reason, ""),
        half_s=_half_s(body, shown),
        grade=None if body.grade == protocol.GRADE_UNKNOWN else body.grade / protocol.GRADE_MOST,
    )


def _half_s(body: protocol.Event, shown: Waveform | None) -> float | None:
    if body.kind == protocol.MOVEMENT:
        return None
    if shown is not None:
        return half_width_s(shown.motion_mg, shown.rate_hz, body.noise_ug / 1000)
    # The sensor's own, which its waveform would show more exactly.
    return None if body.half_ms == protocol.HALF_UNKNOWN else body.half_ms / 1000


def bout_of(parts: Sequence[DatedRecord], snippets: Mapping[int, Record], rate_hz: float) -> TremorBout:
    """A bout in the field's units, from all of its records."""
    first = parts[0]
    body = joined([part.record.body for part in parts], rate_hz=rate_hz)
    seqs = tuple(part.record.seq for part in parts)
    return TremorBout(
        utc_us=first.utc_us,
        error_us=first.error_us,
        boot_id=first.record.boot_id,
        sample=body.sample,
        seqs=seqs,
        duration_s=body.duration_ms / 1000,
        frequency_hz=body.frequency_milli_hz / 1000,
        spread_hz=body.spread_milli_hz / 1000,
        amplitude_mg=body.amplitude_ug / 1000,
        peak_mg=body.peak_ug / 1000,
        cycles=body.cycles,
        snippet_seq=next((snippets[seq].seq for seq in seqs if seq in snippets), None),
        amplitude_dps=body.amplitude_mdps / 1000 if body.amplitude_mdps else None,
        machine=bool(body.flags & MACHINE),
        shown=_shown([snippets[seq] for seq in seqs if seq in snippets], body.frequency_milli_hz / 1000),
    )


def _shown(snippets: Sequence[Record], frequency_hz: float) -> bool | None:
    """Whether any of a bout's waveforms oscillates at its frequency; None if that cannot be decided."""
    waveforms = [waveform for snippet in snippets if (waveform := waveform_of(snippet)) is not None]
    verdicts = [shows_line(each.motion_mg, each.rate_hz, frequency_hz) for each in waveforms]
    reported = [verdict for verdict in verdicts if verdict is not None]
    return any(reported) if reported else None
