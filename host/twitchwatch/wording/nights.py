"""Nights in words."""

from __future__ import annotations

from collections.abc import Sequence

from twitchwatch.analysis.board_faults import PARTS, restarts_reported
from twitchwatch.analysis.input import INPUT_FAULTS, TO_TELL
from twitchwatch.analysis.live_rate import FAR_ABOVE, LEAST_LIVE
from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import left_out, rate_range
from twitchwatch.archive.absence import Absence
from twitchwatch.archive.nights import RatedNight, Sensor
from twitchwatch.archive.selection import NightChoice
from twitchwatch.clock.dates import evening
from twitchwatch.flags.missing import cause_of
from twitchwatch.wording.absence import absence_words
from twitchwatch.wording.annotating import annotated_remarks
from twitchwatch.wording.units import magnitude, plural, span

NOTHING_YET = "No records yet: wear the sensor and start `twitchwatch run`, or see `twitchwatch demo`."
# Below this, the observed share of the time worn is reported.
MOSTLY_SEEN = 0.95
# More power-ons than this in a night are not ordinary use.
OFTEN_ON = 2


def sentence(one: RatedNight) -> str:
    """A night in a sentence or two: its count and rate, other events, the smallest visible twitch."""
    night, found = one.night, one.rate
    if night.uncountable:
        return f"Too many to count: bursts fill more than {1 - LEAST_LIVE:.0%} of the time at rest."
    if found.per_hour is None:
        if night.wear == "not worn":
            return f"The sensor was not worn: it did not move for {span(night.not_worn_h * 3600)}."
        return "No rest was seen, so there is no rate."
    reported = (
        f"{plural(night.twitches, 'twitch')} in {span(night.rest_h * 3600)} of rest: {found.per_hour:.1f} an"
        f" hour (95 % interval {found.interval_low:.1f} to {found.interval_high:.1f})."
    )
    rest = [
        plural(night.count(kind), word)
        for kind, word in (("jerk", "jerk"), ("spasm", "spasm"), ("movement", "movement"))
        if night.count(kind)
    ]
    if rest:
        reported += f" Also: {', '.join(rest)}."
    if night.detection_limit_mg is not None:
        reported += f" Smallest twitch that could be seen: {magnitude(night.detection_limit_mg, 'mg')}."
    return reported


def range_reported(one: RatedNight) -> list[str]:
    """The rate as a range, or why there is none."""
    night = one.night
    found = rate_range(night, one.rate)
    if found is None:
        if night.rest_h and night.bursts is None:
            return [
                "The sensor did not count the time that bursts take, so the rate is not corrected for it."
            ]
        return []
    if found.high is None or found.low is None or found.high_interval is None:
        return []
    reported = [
        f"This is corrected for the time that bursts take. All brief motions: {found.high:.1f} an hour"
        f" (95 % interval {found.high_interval[0]:.1f} to {found.high_interval[1]:.1f})."
    ]
    if found.high >= FAR_ABOVE * max(found.low, 1.0):
        reported.append("Most of them have no shape that the detector knows; the true rate may be higher.")
    if found.too_many:
        reported.append(
            "Too many to count: bursts fill more than half of the time at rest, and hide each other."
        )
    return reported


def parts_reported(night: Night) -> list[str]:
    """The first hour asleep and the others, the time awake, and whether the night counts for trends."""
    reported = []
    onset, settled, awake = night.onset, night.settled, night.awake
    if onset is not None and settled is not None and onset.rest_h and settled.rest_h:
        reported.append(
            f"In the first hour asleep {onset.per_hour or 0:.1f} an hour,"
            f" after it {settled.per_hour or 0:.1f}."
        )
    if awake is not None and awake.rest_h:
        reported.append(
            f"{plural(awake.twitches, 'twitch').capitalize()} in {span(awake.rest_h * 3600)} of rest in "
            "which the hand moved as if awake: left out when nights are compared."
        )
    if night.coverage < MOSTLY_SEEN and night.rest_h:
        reported.append(f"{night.coverage:.0%} of the time worn was observed.")
    reason = left_out(night)
    if reason is not None and night.rest_h:
        reported.append(f"Too little to compare with other nights: {reason}.")
    return reported


def caveats(night: Night) -> list[str]:
    """Reservations about a night's figures: time not worn, and faults of the samples."""
    reported = []
    if night.wear == "unknown":
        reported.append(
            f"For {span(night.unknown_h * 3600)} of that rest it is unknown whether the sensor was worn: its "
            "own noise hides pulse and breath."
        )
    elif night.wear == "worn" and night.not_worn_h:
        reported.append(f"Not worn for {span(night.not_worn_h * 3600)}, which does not count as rest.")
    if night.unusable_h:
        reported.append(
            f"{span(night.unusable_h * 3600)} at rest could not be used and do not count as rest."
        )
    return reported + faults_reported(night) + board_reported(night)


def board_reported(night: Night) -> list[str]:
    """What the sensor reported about its board that night: restarts and broken parts."""
    reported = []
    # One or two are ordinary use.
    counts = [(name, count) for name, count in night.restarts if name != "power_ons" or count > OFTEN_ON]
    if counted := restarts_reported(counts):
        reported.append(f"The sensor restarted during this night: {counted}.")
    broken = [part.words for part in PARTS if part.name in night.broken]
    if broken:
        reported.append(f"The sensor reported a fault: {'; '.join(broken)}.")
    return reported


def faults_reported(night: Night) -> list[str]:
    """Faults of a night's samples, one sentence each, in plain words."""
    minutes = dict(night.input_minutes)
    return [
        f"In {plural(minutes[fault.name], 'minute')} {fault.words}."
        for fault in INPUT_FAULTS
        if fault.name in minutes and fault.bit & TO_TELL
    ]


def marks(night: Night) -> str:
    """Signs after a night in a list; `remarks` explains them."""
    changed = "+" if night.measured is not None else ""
    faulty = "!" if night.unusable_h else ""
    unknown = "?" if night.wear == "unknown" else ""
    return changed + faulty + unknown + ("*" if left_out(night) and night.wear == "worn" else "")


def why_nothing(sensors: Sequence[Sensor], choice: NightChoice, missing: Sequence[Absence] = ()) -> str:
    """Why there is no night to show, and what to do; missing: what is known about the chosen nights."""
    dates = sorted(night.date for sensor in sensors for night in sensor.nights)
    if dates and not choice.everything:
        why = [absence_words(one) for one in missing] or ["There are no records from that time."]
        return f"{' '.join(why)} There are nights from {evening(dates[0])} to {evening(dates[-1])}."
    if undated := sum(sensor.undated for sensor in sensors):
        return f"{undated_words(undated)} Sync the sensor again with `twitchwatch run`."
    return NOTHING_YET


def limit_words(limits: tuple[float, float] | None) -> str:
    """The rates beyond which a week would be a finding; empty if nothing is usual yet."""
    if limits is None:
        return ""
    low, high = limits
    return (
        f"Dashed: a week of nights above about {high:.1f} twitches an hour asleep, or below {low:.1f},"
        " would be a finding."
    )


def undated_words(undated: int) -> str:
    """A sentence on records whose time is unknown."""
    return f"Records whose time is not known yet: {undated:,}. The sensor's next sync will supply it."


def remarks(rated: Sequence[RatedNight]) -> list[str]:
    """Remarks on a list of nights: its signs, then what each one needs."""
    nights = [one.night for one in rated]
    reported = annotated_remarks(rated)
    if any(left_out(night) and night.wear == "worn" for night in nights):
        reported.append("* Less than 2 h of rest asleep: too little to compare with other nights.")
    without = [night for night in nights if night.bursts is None and night.rest_h]
    if without and any(night.bursts is not None for night in nights):
        reported.append(
            f"{plural(len(without), 'night').capitalize()} up to {evening(without[-1].date)}: the sensor did"
            " not count the time that bursts take. Their rates are not corrected for it, and no finding"
            " compares them with the others."
        )
    if any(night.wear == "unknown" for night in nights):
        reported.append("? The sensor's own noise hides whether it was worn.")
    if any(night.unusable_h for night in nights):
        reported.append("! Some of the samples could not be used.")
    for night in nights:
        if night.wear == "not worn":
            reported.append(
                f"{evening(night.date)}: not worn; it did not move for {span(night.not_worn_h * 3600)}."
            )
        elif not night.rest_h:
            reported.append(f"{evening(night.date)}: no twitch could be seen; {cause_of(night)}.")
        for words in (*faults_reported(night), *board_reported(night)):
            reported.append(f"{evening(night.date)}: {words[0].lower()}{words[1:]}")
    reported.append("Limit: the smallest twitch that could be seen in the night's noise.")
    return reported
