"""What was found in a recording, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from twitchwatch.analysis.contract import Contract
from twitchwatch.analysis.live_rate import CLASSES, FAR_ABOVE
from twitchwatch.analysis.rates import RateRange
from twitchwatch.analysis.rhythm import alike
from twitchwatch.clock.dates import moment_of
from twitchwatch.clock.zone import LOCAL
from twitchwatch.recording.candidates import Candidate
from twitchwatch.recording.detection import Detection
from twitchwatch.shared.protocol.records import TWITCH, Tremor
from twitchwatch.views.recordings import (
    CaptureView,
    DetectedBout,
    DetectedCandidate,
    DetectedGap,
    DetectedMovement,
    Found,
    ImportedView,
    Summary,
)
from twitchwatch.wording.events import MOVED, doubt, machine_words, swing
from twitchwatch.wording.units import magnitude, plural, span

WEAK_MG = 10.0
"""Motor units of a thumb pull with 3 to 34 mN (Thomas et al. 1990): on a finger of 30 g, 10 to 115 mg."""


def recognised(found: Detection) -> str:
    """How the file was read, and what was converted or left out."""
    return " ".join(found.notices)


def sentences(found: Detection) -> list[str]:
    """How the time was spent, and what was found in it."""
    totals = found.totals
    spent = [f"at rest {span(totals.rest_s)}"]
    if totals.tremor_s:
        spent[0] += f" ({span(totals.tremor_s)} of it in tremor)"
    for name, seconds in (
        ("moving", totals.moving_s),
        ("not worn", totals.not_worn_s),
        ("lost", totals.lost_s),
        ("unusable", totals.unusable_s),
    ):
        if seconds:
            spent.append(f"{name} {span(seconds)}")
    reported = [", ".join(spent).capitalize() + "."]
    if found.bouts:
        reported.append(_tremor(found.bouts))
    else:
        reported.append("Tremor: none found.")
    if found.machines:
        reported.append(machine_words(line.frequency_milli_hz / 1000 for line in found.machines))
    if not found.twitches_visible:
        return [*reported, _unseen(found.contract)]
    limit_mg = found.detection_limit_mg
    if limit_mg is None:
        return [*reported, "The hand was never at rest: no twitch could have been seen."]
    limit = magnitude(limit_mg, "mg")
    twitches = found.count(TWITCH)
    counted = plural(twitches, "twitch").capitalize() if twitches else f"No twitch of {limit} or more"
    reported.append(f"{counted} in {span(totals.seen_s)} in which twitches could be seen.")
    reported += _rates(found.rate_per_h)
    noise = magnitude(totals.noise_mg or 0.0, "mg")
    seen = f"The noise at rest was {noise}: nine in ten twitches of {limit} are found, fewer of smaller ones."
    if limit_mg > WEAK_MG:
        seen += " Many twitches move a finger by less: this recording cannot show whether there were any."
    return [*reported, seen]


def _unseen(contract: Contract) -> str:
    """Why no twitch can be seen."""
    rate = f"{contract.rate_hz:.3g} Hz"
    match contract.blind:
        case "rate":
            return f"Twitches cannot be seen with this sensor: {rate} is too slow. Record at 50 Hz or more."
        case "band":
            return (
                f"Twitches cannot be seen in this recording: its {rate} were interpolated from fewer samples,"
                " or filtered. Record the sensor's own samples, at 50 Hz or more."
            )
    return f"Twitches cannot be seen in this recording: {contract.lost:.0%} of its samples are missing."


def _tremor(bouts: Sequence[Tremor]) -> str:
    """Bouts of different frequency are stated separately: their mean would be one that never occurred."""
    groups = alike(bouts, lambda bout: bout.frequency_milli_hz / 1000)
    stated = []
    for group in groups:
        total_ms = sum(bout.duration_ms for bout in group)
        mean_hz = sum(bout.frequency_milli_hz * bout.duration_ms for bout in group) / max(1, total_ms) / 1000
        stated.append((total_ms / 1000, f"{mean_hz:.1f} Hz"))
    stated.sort(reverse=True)
    words = f"Tremor: {plural(len(bouts), 'bout')}, {span(sum(seconds for seconds, _ in stated))} in all"
    if len(stated) == 1:
        return f"{words}, {stated[0][1]}."
    return f"{words}: " + ", ".join(f"{hz} for {span(seconds)}" for seconds, hz in stated) + "."


def _rates(found: RateRange) -> list[str]:
    low, high = found.low, found.high
    if found.too_many:
        return ["Too many to count: bursts fill more than half of the time at rest."]
    if low is None or high is None or not high or not found.low_interval or not found.high_interval:
        return []
    known = f"{low:.0f} twitches an hour of known shape (95 % interval {_ends(found.low_interval)})"
    whole = f"{high:.0f} brief motions in all ({_ends(found.high_interval)})"
    stated = f"Corrected for the time that bursts take: {known}"
    if high < FAR_ABOVE * max(low, 1.0):
        return [f"{stated}, {whole}."]
    return [f"{stated}, but {whole}: most have no shape that the detector knows."]


def _ends(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.0f} to {interval[1]:.0f}"


def gap_sentences(found: Detection) -> list[str]:
    """How the detector handled the gaps."""
    reported = []
    longer = [hole for hole in found.holes if not hole.bridged]
    if longer:
        reported.append(
            f"The recording has {plural(len(longer), 'gap')} of more than 1 s; "
            "the detector restarted after each."
        )
    if found.totals.bridged_s:
        bridged = len(found.holes) - len(longer)
        reported.append(
            f"{plural(bridged, 'gap').capitalize()} of at most 1 s, {span(found.totals.bridged_s)} in all, "
            "filled with a straight line; nothing can be seen there."
        )
    return reported


def found_details(line: Found) -> str:
    """Further details of an event."""
    match line:
        case DetectedBout():
            return swing(line)
        case DetectedMovement():
            return MOVED.get(line.reason, "")
        case DetectedCandidate():
            return f"{line.taken_for}: {line.why}"
        case DetectedGap():
            return "bridged" if line.bridged else "no samples"
    return f"along {line.axis}{doubt(line.waveform_check, line.kind)}"


def captured_words(one: CaptureView) -> str:
    """What was recorded of a sensor."""
    lost = f"{one.lost} lost in transit" if one.lost else "none lost"
    what = f"{one.samples} samples of {one.axes} axes in {one.duration_s:.1f} s"
    return f"{one.sensor}: {what}, {lost}, in {one.path}."


def imported_words(one: ImportedView) -> str:
    """Which recording is among the nights of whom."""
    if one.already:
        return f"{one.source} was imported before, as {one.sensor}. Nothing changed."
    return (
        f"{one.source}: {_from_to(one)}, as {one.sensor}. `twitchwatch nights --sensor "
        f'"{one.sensor}"` shows its nights.'
    )


def removed_words(name: str, recordings: int, records: int) -> str:
    """What was removed."""
    return f"Removed {plural(recordings, 'recording')} of {name}: {records:,} records, and their findings."


def event_row(line: Found) -> tuple[str, ...]:
    """Start, what, how long, peak and details, as cells."""
    peak_mg = getattr(line, "peak_mg", None)
    peak = "-" if peak_mg is None else magnitude(peak_mg, "mg")
    return clock(line.start_s), line.kind, span(line.duration_s), peak, found_details(line)


def burst_rows(candidates: Iterable[Candidate]) -> list[tuple[str, str, str]]:
    """How many bursts were taken for what, and why, as cells; in the order of the classes."""
    counts = Counter((one.taken_for, one.why) for one in candidates)
    ordered = sorted(counts.items(), key=lambda item: (CLASSES.index(item[0][0]), -item[1]))
    return [(f"{count:,}", taken_for, why) for (taken_for, why), count in ordered]


RECORDING_COLUMNS = ("Recording", "Length", "Rest", "Twitches", "An hour", "Visible from", "Tremor")


def recording_row(one: Summary) -> tuple[str, ...]:
    """One of several recordings, as cells of RECORDING_COLUMNS."""
    low, high = one.rate_per_h.low, one.rate_per_h.high
    if one.rate_per_h.too_many:
        rate = "too many"
    else:
        rate = "-" if low is None or high is None else f"{low:.0f} to {high:.0f}"
    seen = one.twitches_visible
    return (
        one.source,
        span(one.duration_s),
        span(one.rest_s),
        f"{one.twitches:,}" if seen else "not seen",
        rate if seen else "-",
        "-" if one.detection_limit_mg is None else magnitude(one.detection_limit_mg, "mg"),
        span(one.tremor_s) if one.tremors else "none",
    )


def recordings_words(summaries: Sequence[Summary], files: int) -> str:
    """What several recordings come to, and what could not be read."""
    said = f"{plural(len(summaries), 'recording').capitalize()}."
    if any(one.twitches_visible for one in summaries):
        said += " An hour: from twitches of known shape to all brief motions that nothing else explains."
    if any(not one.twitches_visible for one in summaries):
        said += " If no twitches can be seen, the recording is too slow, or has lost too many samples."
    if (refused := files - len(summaries)) > 0:
        said += f" {plural(refused, 'file').capitalize()} could not be read; named above with the reason."
    return said


def clock(seconds: float) -> str:
    """A time in a recording: 1:02:03.4."""
    minutes, tenths = divmod(round(seconds * 10), 600)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}:{minutes:02d}" if hours else f"{minutes}") + f":{tenths / 10:04.1f}"


def _from_to(one: ImportedView) -> str:
    start, end = (datetime.fromisoformat(text).astimezone(LOCAL) for text in (one.start_utc, one.end_utc))
    return f"{moment_of(start)} to {end:%H:%M} here ({span((end - start).total_seconds())})"


def repeated_words(files: int, compared: int, others: Sequence[str]) -> str:
    """That a repeated run found the same. compared: of the files, those whose first result is known."""
    same = "the result is" if compared == 1 else f"the results of {compared} recordings are"
    words = f"Repeated: {same} as in the first run."
    if compared < files:
        words = (
            f"Repeated: {files} files are as in the first run, but the manifest comes from an earlier "
            "version and does not contain the results."
        )
    if others:
        words += f" Different versions now: {', '.join(others)}."
    return words
