"""The morning in words: one sentence with its reason, the data behind it, and one thing to do."""

from __future__ import annotations

from datetime import datetime

from twitchwatch.analysis.rates import left_out
from twitchwatch.archive.morning import BAND_LEAST, Morning, worn_h
from twitchwatch.clock.dates import evening, moment_of
from twitchwatch.clock.zone import local, zone_of
from twitchwatch.views.morning import MorningView, ToDo
from twitchwatch.wording.absence import absence_words, cause_words
from twitchwatch.wording.findings import title_line, what_matters
from twitchwatch.wording.nights import sentence
from twitchwatch.wording.sparkline import MISSING, PLAIN_MISSING, sparkline
from twitchwatch.wording.units import plural, span


def morning_words(morning: Morning) -> str:
    """The morning in two sentences: the night compared with the usual ones, and what is new."""
    if morning.sealed_until_utc_us is not None:
        urgent = news_words(morning) if morning.findings else "Nothing is urgent."
        said = _no_data(morning) if morning.last is None else urgent
        return f"{sealed_words(morning.sealed_until_utc_us)} {said}"
    if morning.last is None:
        return _no_data(morning)
    return f"{_compared(morning)} {news_words(morning)}"


def sealed_words(until_utc_us: int) -> str:
    """A sentence on the seal."""
    return f"Sealed until {evening(local(until_utc_us).date())}: only what is urgent is reported."


def news_words(morning: Morning) -> str:
    """What is new in the findings."""
    if not morning.findings:
        return "Nothing new, and nothing that calls for a doctor."
    first, *others = morning.findings
    more = f" {len(others)} more findings are open." if others else ""
    if len(others) == 1:
        more = " One more finding is open."
    seen = first.last_night or first.night
    when = "New" if seen is None or seen >= morning.night else "Still open"
    return f"{when}: {title_line(first)}.{more}"


def to_do_words(morning: Morning) -> str:
    """The one thing to do, as an instruction."""
    task = morning.task
    if task == "at_once":
        return what_matters(morning.findings[0])
    if task == "no_data" and morning.silent is not None:
        return morning.silent.to_try
    return {
        "doctor": "Show a doctor what was found.",
        "finding": "Read what was found.",
        "no_data": "Bring the sensor near this computer while it collects. The sensor keeps its records until"
        " they are fetched.",
        "battery": "Charge the sensor before tonight: its battery is almost empty.",
        "wear": "Check the fit of the sensor before you go to bed: much of the night could not be observed.",
        "journal": "Note how you slept.",
        "nothing": "Nothing.",
    }[task]


def to_do_command(morning: Morning) -> str | None:
    """The command that does it, or shows more; None if it is not done with a command."""
    if morning.task in ("at_once", "doctor", "finding"):
        return f"twitchwatch flags show {morning.findings[0].id}"
    return {"journal": "twitchwatch journal morning", "no_data": "twitchwatch doctor"}.get(morning.task)


def strip_words(morning: Morning, *, plain: bool = False) -> str:
    """The last nights as bars, and what the sign for a missing one means."""
    rates = [rate for rate, _ in _strip(morning)]
    since = next((at for at, (_, one) in enumerate(morning.strip) if one is not None), len(rates) - 1)
    rates = rates[since:]
    gaps = f" ({PLAIN_MISSING if plain else MISSING} no rate)" if None in rates else ""
    return f"{sparkline(rates, plain=plain)}{gaps}"


def gap_words(morning: Morning) -> list[str]:
    """Why nights of the strip have no records, one sentence for each row of them."""
    return [absence_words(one) for one in morning.absent if one.first < morning.night]


def data_words(morning: Morning) -> str:
    """How long it was worn, how much of that was seen, the battery, and how far records were fetched."""
    parts = []
    if morning.last is not None:
        seen = morning.last.night.coverage
        parts.append(f"Worn {span(worn_h(morning.last) * 3600)}, {seen:.0%} of it observed.")
    if morning.battery_mv is not None:
        parts.append(f"Battery {morning.battery_mv / 1000:.2f} V.")
    if morning.records_until_utc_us is not None:
        zone = zone_of(morning.sensor.rated[-1].night.zone) if morning.sensor.rated else None
        at = datetime.fromtimestamp(morning.records_until_utc_us / 1e6, zone)
        parts.append(f"Records fetched on {moment_of(at)}.")
    return " ".join(parts)


def view_of(morning: Morning) -> MorningView:
    """The morning as an object, with these words."""
    missing = {day: why for (day, _), (_, why) in zip(morning.strip, _strip(morning), strict=True) if why}
    return morning.view(
        morning_words(morning), ToDo(morning.task, to_do_words(morning), to_do_command(morning)), missing
    )


def _compared(morning: Morning) -> str:
    assert morning.last is not None
    rate, usual = morning.rate_per_h, morning.usual
    if rate is None:
        return sentence(morning.last)
    if usual is None:
        lacking = BAND_LEAST - len(morning.counted)
        return (
            f"{rate:.1f} twitches an hour. Your usual range will be known after "
            f"{plural(lacking, 'more night')}."
        )
    rest = f"usually {usual.median:.1f}, most nights {usual.low:.1f} to {usual.high:.1f}"
    if morning.compared == "quieter":
        return f"Quieter than most of your nights: {rate:.1f} twitches an hour ({rest})."
    if morning.compared == "busier":
        return (
            f"More twitches than in most of your nights: {rate:.1f} an hour ({rest}). One night in ten is "
            "like that; a single one means little."
        )
    return f"A night like most of yours: {rate:.1f} twitches an hour ({rest})."


def _no_data(morning: Morning) -> str:
    absent = morning.why_missing(morning.night)
    cause = "" if absent is None else f" Probable cause: {cause_words(absent)}."
    dates = [one.night.date for one in morning.sensor.rated if one.night.date < morning.night]
    newest = f" The newest night with data is {evening(dates[-1])}." if dates else ""
    # Without data nothing was looked at, so nothing reassures.
    news = f" {news_words(morning)}" if morning.findings else ""
    return f"No data for the night of {evening(morning.night)}.{cause}{newest}{news}"


def _strip(morning: Morning) -> list[tuple[float | None, str | None]]:
    """Each evening's rate, or why there is none."""
    found: list[tuple[float | None, str | None]] = []
    for day, one in morning.strip:
        if one is None:
            absent = morning.why_missing(day)
            found.append((None, "no records" if absent is None else cause_words(absent)))
        elif (why := left_out(one.night)) is not None or one.rate.per_hour is None:
            found.append((None, why or "no rest was seen"))
        else:
            found.append((one.rate.per_hour, None))
    return found
