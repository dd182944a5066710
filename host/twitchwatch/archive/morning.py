"""The morning: last night, compared with the wearer's own nights before it, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median, quantiles
from typing import Literal

from twitchwatch.analysis.rates import left_out
from twitchwatch.archive.absence import Absence, absences
from twitchwatch.archive.findings import battery_mv, derive, silences
from twitchwatch.archive.nights import Archive, RatedNight, Sensor
from twitchwatch.archive.sealing import let_through, seal_of
from twitchwatch.archive.selection import NightChoice
from twitchwatch.clock.zone import LOCAL, iso
from twitchwatch.flags import URGENCIES, Finding
from twitchwatch.flags.silence import LOW_BATTERY_MV
from twitchwatch.flags.symptoms import is_symptom
from twitchwatch.journal.book import read_entries
from twitchwatch.journal.fields import MORNING, Value
from twitchwatch.store import Store, is_worn
from twitchwatch.views.morning import MorningNight, MorningView, ToDo, UsualRange

BAND_NIGHTS = 14
# Below this a range says more about chance than about the wearer.
BAND_LEAST = 5
# Worn, but this much of it unseen: worth a look at how the sensor sits.
MOSTLY_SEEN = 0.8

Compared = Literal["quieter", "usual", "busier"]
Task = Literal["at_once", "no_data", "doctor", "finding", "battery", "wear", "journal", "nothing"]


@dataclass(frozen=True, slots=True)
class Usual:
    """Twitches an hour in the nights before: their median, the 10th and 90th percentile, and how many nights.

    Percentiles are those of Hyndman & Fan 1996, type 7 (Am Stat 50:361).
    """

    median: float
    low: float
    high: float
    nights: int


@dataclass(frozen=True, slots=True)
class Morning:
    """One sensor's morning.

    strip: the evenings of the 14 nights before and of this one, each with its night if there is one.
    absent: what is missing of them. findings: new ones, the most urgent first. battery_mv: None if unknown.
    """

    sensor: Sensor
    night: date
    strip: tuple[tuple[date, RatedNight | None], ...]
    absent: tuple[Absence, ...]
    silent: Finding | None
    findings: tuple[Finding, ...]
    battery_mv: int | None
    records_until_utc_us: int | None
    journal_due: bool
    sealed_until_utc_us: int | None = None

    @property
    def last(self) -> RatedNight | None:
        """The night slept last; None without records of it."""
        return self.strip[-1][1]

    @property
    def rate_per_h(self) -> float | None:
        """Its rate, if it can be compared with other nights."""
        return None if self.last is None else _rate(self.last)

    @property
    def usual(self) -> Usual | None:
        """What is usual; None before there are enough nights."""
        rates = self.counted
        if len(rates) < BAND_LEAST:
            return None
        low, *_, high = quantiles(rates, n=10, method="inclusive")
        return Usual(median(rates), low, high, len(rates))

    @property
    def counted(self) -> list[float]:
        """The rates of those nights before that can be compared, from low to high."""
        rates = (None if one is None else _rate(one) for _, one in self.strip[:-1])
        return sorted(rate for rate in rates if rate is not None)

    @property
    def compared(self) -> Compared | None:
        """The night compared with what is usual; None if either is unknown."""
        rate, usual = self.rate_per_h, self.usual
        if rate is None or usual is None:
            return None
        return "quieter" if rate < usual.low else "busier" if rate > usual.high else "usual"

    @property
    def task(self) -> Task:
        """The one thing to do: first what cannot wait, then what costs data, then the rest."""
        urgency = self.findings[0].urgency if self.findings else "note"
        if urgency == "at_once":
            return "at_once"
        if self.last is None:
            return "no_data"
        if urgency == "doctor":
            return "doctor"
        if urgency == "finding":
            return "finding"
        if self.battery_mv is not None and self.battery_mv < LOW_BATTERY_MV:
            return "battery"
        night = self.last.night
        if night.wear == "not worn" or night.coverage < MOSTLY_SEEN:
            return "wear"
        return "journal" if self.journal_due else "nothing"

    def why_missing(self, evening: date) -> Absence | None:
        """Why there are no records of an evening, if that is known."""
        return next((one for one in self.absent if one.first <= evening <= one.last), None)

    def view(self, words: str, to_do: ToDo, missing: Mapping[date, str]) -> MorningView:
        """As JSON output has it; words: about the night; missing: why an evening has no rate."""
        last = self.last
        # Under a seal the figures of the night are not reported unasked.
        told = None if self.sealed_until_utc_us is not None else last
        usual = None if self.sealed_until_utc_us is not None else self.usual
        absent = self.why_missing(self.night)
        return MorningView(
            "morning",
            sensor=self.sensor.device.name,
            hardware_id=self.sensor.device.hardware_id,
            night=self.night.isoformat(),
            words=words,
            twitches_per_hour=_rounded(None if told is None else told.rate.per_hour),
            interval_low=_rounded(None if told is None else told.rate.interval_low),
            interval_high=_rounded(None if told is None else told.rate.interval_high),
            compared=None if told is None else self.compared,
            usual=None
            if usual is None
            else UsualRange(
                round(usual.median, 4), round(usual.low, 4), round(usual.high, 4), nights=usual.nights
            ),
            missing=None if last is not None else "unknown" if absent is None else absent.cause,
            worn_h=None if last is None else round(worn_h(last), 4),
            coverage=None if last is None else round(last.night.coverage, 4),
            battery_mv=self.battery_mv,
            records_until_utc=None if self.records_until_utc_us is None else iso(self.records_until_utc_us),
            findings=[flag.id for flag in self.findings if flag.id is not None],
            journal_due=self.journal_due,
            to_do=to_do,
            sealed_until_utc=None if self.sealed_until_utc_us is None else iso(self.sealed_until_utc_us),
            nights=[]
            if self.sealed_until_utc_us is not None
            else [
                MorningNight(
                    evening.isoformat(), _rounded(None if one is None else _rate(one)), missing.get(evening)
                )
                for evening, one in self.strip
            ],
        )


def mornings(archive: Archive, sensors: Sequence[Sensor], night: date, now_utc_us: int) -> list[Morning]:
    """The morning of each of these sensors after this night. Raises the store's errors."""
    store = archive.store
    sealed = seal_of(store, now_utc_us)
    flags = let_through(derive(store, LOCAL, now_utc_us, archive=archive), sealed)
    due = _journal_due(store, night)
    found = [_morning(store, sensor, night, flags, due, now_utc_us) for sensor in sensors]
    return [replace(one, sealed_until_utc_us=sealed) for one in found]


def newest_night(sensors: Sequence[Sensor], running: date | None, slept: date) -> date:
    """The night to show: the one slept last, or the running one if somebody is up already and it has records.

    running: the night that is not over yet, None in the afternoon and evening.
    """
    known = {night.date for sensor in sensors for night in sensor.nights}
    return running if running is not None and running in known else slept


def worn_by_you(sensors: Sequence[Sensor]) -> list[Sensor]:
    """Those that a wearer has; a simulated ring or recordings only if there is no other."""
    return [sensor for sensor in sensors if sensor.device.worn] or list(sensors)


def worn_h(one: RatedNight) -> float:
    """Hours for which the sensor was worn."""
    night = one.night
    return night.rest_h + night.blind_h + night.tremor_h + night.moving_h + night.unusable_h


def _morning(
    store: Store, sensor: Sensor, night: date, flags: Sequence[Finding], due: bool, now_utc_us: int
) -> Morning:
    device = sensor.device
    first = night - timedelta(days=BAND_NIGHTS)
    own = {one.night.date: one for one in sensor.rated}
    silent = silences(store, [device], now_utc_us)
    upto = [one for one in sensor.nights if one.date <= night]
    new = [
        flag
        for flag in flags
        if flag.state == "new"
        and flag.urgency != "note"
        and flag.kind != "no_data"
        and (flag.identity == device.hardware_id or (is_symptom(flag.kind) and is_worn(flag.identity)))
    ]
    return Morning(
        sensor=sensor,
        night=night,
        strip=tuple(
            (evening, own.get(evening))
            for evening in (first + timedelta(days=day) for day in range(BAND_NIGHTS + 1))
        ),
        absent=tuple(absences(upto, NightChoice(first, night), night + timedelta(days=1), silent)),
        silent=silent[0] if silent else None,
        findings=tuple(sorted(new, key=lambda flag: (-URGENCIES.index(flag.urgency), -flag.since_utc_us))),
        battery_mv=battery_mv(store, device) if device.worn else None,
        records_until_utc_us=store.last_received(device.id),
        journal_due=due and device.worn,
    )


def _journal_due(store: Store, night: date) -> bool:
    answered: dict[str, Value] = {}
    for entry in read_entries(store, LOCAL):
        if entry.night == night:
            answered = dict(entry.current)
    return not MORNING & answered.keys()


def _rate(one: RatedNight) -> float | None:
    return None if left_out(one.night) is not None else one.rate.per_hour


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
