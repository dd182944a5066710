"""Annotations, and what they change, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from twitchwatch.analysis.annotations import LEFT_OUT, precision
from twitchwatch.analysis.night import Judged, Measured, Night
from twitchwatch.analysis.rates import Rate
from twitchwatch.archive.annotations import NOTE, Annotation
from twitchwatch.archive.nights import RatedNight
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import LOCAL, zone_of
from twitchwatch.wording.units import plural, span

VERDICTS = {
    "twitch": "a twitch",
    "no_twitch": "not a twitch",
    "tremor": "tremor",
    "no_tremor": "not tremor",
}
SAMPLED = "This applies to all of them only if you judge all events of a stretch, or pick events at random."


def annotated_words(one: RatedNight) -> list[str]:
    """What annotations changed in a night, with the figures as measured; empty without any."""
    measured, found = one.night.measured, one.measured
    if measured is None or found is None:
        return []
    left = f" {span(3600 * measured.left_out_h)} are left out." if measured.left_out else ""
    said = [f"With your annotations.{left} {as_measured(measured, one)}"]
    return said + precision_words([one.night])


def annotated_remarks(rated: Sequence[RatedNight]) -> list[str]:
    """Remarks on a list of nights: the figures of annotated ones as measured, and the precision."""
    own = [(one, one.night.measured) for one in rated if one.night.measured is not None]
    if not own:
        return []
    said = ["+ With your annotations; `twitchwatch annotate list` shows them."]
    said += [f"{evening(one.night.date)}: {as_measured(measured, one)}" for one, measured in own]
    return said + precision_words([one.night for one in rated])


def as_measured(measured: Measured, one: RatedNight) -> str:
    """The figures without annotations, in a sentence."""
    found = one.measured
    counted = f"{plural(measured.twitches, 'twitch')} in {span(3600 * measured.rest_h)} of rest"
    if found is None or found.per_hour is None:
        return f"As measured: {counted}."
    return (
        f"As measured: {counted}, {found.per_hour:.1f} an hour"
        f" (95 % interval {found.interval_low:.1f} to {found.interval_high:.1f})."
    )


def precision_words(nights: Sequence[Night]) -> list[str]:
    """How often the detector was right in these nights, by the wearer's verdicts; empty without any."""
    twitches, bouts = judged_in(nights)
    said = []
    for judged, noun in ((twitches, "twitch"), (bouts, "bout")):
        found = precision(judged)
        if found is not None:
            share, low, high = (round(100 * part) for part in found)
            said.append(
                f"Of {plural(judged.of, noun)}{' of tremor' if noun == 'bout' else ''} that you judged,"
                f" {judged.right:,} {'was' if judged.right == 1 else 'were'} right: {share} %"
                f" (95 % interval {low} to {high} %)."
            )
    return [*said, SAMPLED] if said else []


def judged_in(nights: Sequence[Night]) -> tuple[Judged, Judged]:
    """What was judged in these nights: twitches, and bouts of tremor."""
    twitches = bouts = Judged(0, 0)
    for night in nights:
        if night.measured is not None:
            twitches += night.measured.judged
            bouts += night.measured.judged_bouts
    return twitches, bouts


def verdict_words(kind: str, verdict: str) -> str:
    """What an event counts as, and who decided that."""
    if not verdict:
        return kind.replace("_", " ")
    said = VERDICTS[verdict]
    return f"{said}, by your annotation" if kind != LEFT_OUT else f"left out; {said}, by your annotation"


def compared_rows(one: RatedNight) -> list[tuple[str, str, str]]:
    """Figures with annotations and as measured, side by side; empty without annotations."""
    night, measured = one.night, one.night.measured
    if measured is None or one.measured is None:
        return []
    rows = [
        ("Twitches", f"{night.twitches:,}", f"{measured.twitches:,}"),
        ("Rest", span(3600 * night.rest_h), span(3600 * measured.rest_h)),
        ("Twitches an hour", _rated(one.rate), _rated(one.measured)),
        ("Bouts of tremor", f"{len(night.bouts):,}", f"{measured.bouts:,}"),
    ]
    if measured.left_out:
        rows.append(("Left out", span(3600 * measured.left_out_h), "-"))
    return rows


def _rated(found: Rate) -> str:
    if found.per_hour is None:
        return "-"
    return f"{found.per_hour:.1f} (95 % interval {found.interval_low:.1f} to {found.interval_high:.1f})"


def annotation_words(one: Annotation) -> str:
    """What an entry says."""
    if one.what == LEFT_OUT:
        said = "left out"
    elif one.what == NOTE:
        said = "note" if one.words else "bookmark"
    else:
        said = f"{plural(len(one.events), 'event')}: {VERDICTS[one.verdict]}"
    said += f" ({one.words})" if one.words else ""
    return said + ("; taken back" if one.taken_back else "")


def when_words(one: Annotation, night: Night | None) -> str:
    """The time or the stretch that an entry is about, on the clock of its night."""
    zone = LOCAL if night is None else zone_of(night.zone)
    begin = f"{datetime.fromtimestamp(one.from_utc_us / 1e6, zone):%H:%M:%S}"
    if one.until_utc_us is None or one.until_utc_us == one.from_utc_us:
        return begin
    return f"{begin} to {datetime.fromtimestamp(one.until_utc_us / 1e6, zone):%H:%M:%S}"


def annotation_row(one: Annotation, night: Night | None) -> tuple[str, ...]:
    """Its number, night, time and content."""
    return (
        str(one.id),
        "-" if night is None else evening(night.date),
        when_words(one, night),
        annotation_words(one),
    )
