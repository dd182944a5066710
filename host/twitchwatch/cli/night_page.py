"""One night for people: its hours, its tremor, what stands out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from twitchwatch.analysis.board_faults import PARTS, restarts_told
from twitchwatch.analysis.input import INPUT_FAULTS, TO_TELL
from twitchwatch.analysis.night import Night
from twitchwatch.analysis.rates import left_out, night_rate
from twitchwatch.cli.archive import evening
from twitchwatch.cli.page import NO_DIAGNOSIS, Page, magnitude, plural, span
from twitchwatch.clock.zone import LOCAL
from twitchwatch.flags import Flag
from twitchwatch.flags.titles import title_of

# A row of bars no wider than this leaves room for the numbers in 80 columns.
BAR = 28
# Less than this, and the share of the time worn that was seen is told.
MOSTLY_SEEN = 0.95
# Power-ons in a night that are no habit any more.
OFTEN_ON = 2


def show_night(page: Page, night: Night, flags: Sequence[Flag]) -> None:
    """Print a night: a sentence, its hours as a table, its tremor bouts, and its flags in plain words."""
    page.heading(f"Night of {evening(night.date)}, {night.device}")
    page.say(_sentence(night))
    for sentence in (*parts_told(night), *caveats(night)):
        page.say(sentence)
    page.gap()
    _hours(page, night)
    _tremor(page, night)
    for flag in flags:
        if flag.identity != night.identity or flag.night is None:
            continue
        if flag.night <= night.date <= (flag.last_night or flag.night):
            what = title_of(flag.kind, flag.scope)
            what = what[0].lower() + what[1:]
            stands_out = "Good to know" if flag.urgency == "note" else "Stands out"
            page.heading(f"{stands_out}: {what} ({flag.confidence} confidence)")
            for text in (flag.words, flag.may_mean, flag.to_try, flag.see_doctor):
                if text:
                    page.say(text, indent=2)
            page.gap()
    page.say(NO_DIAGNOSIS)
    page.gap()


def _sentence(night: Night) -> str:
    found = night_rate(night)
    if found.per_hour is None:
        if night.wear == "not worn":
            return f"The sensor was not worn: it lay still for {span(night.not_worn_h * 3600)}."
        return "No rest was seen, so there is no rate."
    told = (
        f"{plural(night.twitches, 'twitch')} in {span(night.rest_h * 3600)} of rest: {found.per_hour:.1f} an"
        f" hour (95 % interval {found.interval_low:.1f} to {found.interval_high:.1f})."
    )
    rest = [
        plural(night.count(kind), word)
        for kind, word in (("jerk", "jerk"), ("spasm", "spasm"), ("movement", "movement"))
        if night.count(kind)
    ]
    if rest:
        told += f" Besides: {', '.join(rest)}."
    if night.detection_limit_mg is not None:
        told += f" Smallest twitch that could be seen: {magnitude(night.detection_limit_mg, 'mg')}."
    return told


def parts_told(night: Night) -> list[str]:
    """The first hour asleep and the others, what was seen awake, and whether the night counts for trends."""
    told = []
    onset, settled, awake = night.onset, night.settled, night.awake
    if onset is not None and settled is not None and onset.rest_h and settled.rest_h:
        told.append(
            f"In the first hour asleep {onset.twitches / onset.rest_h:.1f} an hour, after it"
            f" {settled.twitches / settled.rest_h:.1f}."
        )
    if awake is not None and awake.rest_h:
        told.append(
            f"{plural(awake.twitches, 'twitch').capitalize()} in {span(awake.rest_h * 3600)} of rest in which"
            " the hand moved as if awake: left out where nights are compared."
        )
    if night.coverage < MOSTLY_SEEN and night.rest_h:
        told.append(f"Of the time worn {night.coverage:.0%} was seen.")
    reason = left_out(night)
    if reason is not None and night.rest_h:
        told.append(f"Too little to compare with other nights: {reason}.")
    return told


def caveats(night: Night) -> list[str]:
    """What a night's figures must be read with: time off the hand, and what was wrong with the samples."""
    told = []
    if night.wear == "unknown":
        told.append(
            f"Whether the sensor was worn is unknown for {span(night.unknown_h * 3600)} of that rest: its own"
            " noise hides pulse and breath."
        )
    elif night.wear == "worn" and night.not_worn_h:
        told.append(f"Not worn for {span(night.not_worn_h * 3600)}, which is no rest.")
    if night.unusable_h:
        told.append(f"{span(night.unusable_h * 3600)} at rest could not be used, and are no rest.")
    return told + faults_told(night) + board_told(night)


def board_told(night: Night) -> list[str]:
    """What the sensor reported of its own board that night: restarts and broken parts."""
    told = []
    # Once or twice is how a ring is used.
    counts = [(name, count) for name, count in night.restarts if name != "power_ons" or count > OFTEN_ON]
    if counted := restarts_told(counts):
        told.append(f"The sensor restarted during this night: {counted}.")
    broken = [part.words for part in PARTS if part.name in night.broken]
    if broken:
        told.append(f"The sensor reported a fault: {'; '.join(broken)}.")
    return told


def faults_told(night: Night) -> list[str]:
    """What was wrong with a night's samples, a sentence each, in the wearer's words."""
    minutes = dict(night.input_minutes)
    return [
        f"In {plural(minutes[fault.name], 'minute')} {fault.words}."
        for fault in INPUT_FAULTS
        if fault.name in minutes and fault.bit & TO_TELL
    ]


def _hours(page: Page, night: Night) -> None:
    rates = [hour.twitches / hour.rest_h if hour.rest_h else 0.0 for hour in night.hours]
    most = max(rates, default=0.0) or 1.0
    page.table(
        ("Hour", "Rest", "Twitches", "An hour", ""),
        [
            (
                f"{datetime.fromtimestamp(hour.start_utc_us / 1e6, LOCAL):%H:%M}",
                span(hour.rest_h * 3600),
                str(hour.twitches),
                f"{an_hour:.1f}" if hour.rest_h else "-",
                "#" * round(BAR * an_hour / most),
            )
            for hour, an_hour in zip(night.hours, rates, strict=True)
        ],
        right=("Rest", "Twitches", "An hour"),
    )
    page.gap()


def _tremor(page: Page, night: Night) -> None:
    if not night.bouts:
        page.say("No tremor.")
        page.gap()
        return
    page.table(
        ("Tremor at", "Lasted", "Frequency", "Amplitude (rms)"),
        [
            (
                f"{datetime.fromtimestamp(bout.utc_us / 1e6, LOCAL):%H:%M:%S}",
                span(bout.duration_s),
                f"{bout.frequency_hz:.1f} Hz",
                magnitude(bout.amplitude_mg, "mg"),
            )
            for bout in night.bouts
        ],
        right=("Lasted", "Frequency", "Amplitude (rms)"),
    )
    page.gap()
