"""The twitch profile of one sensor: its nights of a period, the journal beside them, and its waveforms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from twitchwatch.analysis.contract import RING, Contract
from twitchwatch.analysis.night import Night, NightEvent, WholeNight
from twitchwatch.analysis.profile import Profile, profile_of
from twitchwatch.analysis.rates import left_out
from twitchwatch.archive.absence import Absence, absences
from twitchwatch.archive.findings import derive, silences
from twitchwatch.archive.log_reader import LogReader
from twitchwatch.archive.nights import Archive, RatedNight, Sensor
from twitchwatch.archive.selection import NightChoice, chosen_devices
from twitchwatch.archive.waveforms import stored_waveform
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.flags import URGENCIES, Finding
from twitchwatch.flags.symptoms import SYMPTOMS
from twitchwatch.flags.titles import title_of
from twitchwatch.journal import book
from twitchwatch.journal.entry import Entry
from twitchwatch.store import is_worn
from twitchwatch.views.profile import (
    PROFILE_VERSION,
    ProfileAnnotations,
    ProfileCluster,
    ProfileCoverage,
    ProfileHour,
    ProfileMissing,
    ProfileNight,
    ProfileSensor,
    ProfileSymptom,
    ProfileTremor,
    ProfileTwitches,
    ProfileView,
    ProfileWaveform,
    ProfileWearer,
)

# Waveforms are those of the last nights: how the twitches are now.
WAVEFORM_NIGHTS = 3


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a profile is made of; contract: of the newest log, that of a ring if it is not known."""

    sensor: Sensor
    contract: Contract
    first: date
    last: date
    rated: tuple[RatedNight, ...]
    absent: tuple[Absence, ...]
    profile: Profile
    journal: Mapping[date, Entry]
    wearer: book.Wearer
    places: tuple[str, ...]
    findings: tuple[Finding, ...]
    waveforms: tuple[ProfileWaveform, ...]


def one_sensor(archive: Archive, wanted: str | None) -> Sensor:
    """The sensor of this name, hardware id or number, or the only one. Raises UsageError."""
    devices = chosen_devices(archive.store, wanted)
    sensors = [one for one in archive.sensors(devices) if wanted or is_worn(one.device.hardware_id)]
    sensors = sensors or archive.sensors(devices)
    if not sensors:
        raise UsageError("There are no records yet, so there is nothing to report.")
    if len(sensors) > 1:
        names = ", ".join(one.device.name for one in sensors)
        raise UsageError(f"A report is of one sensor. Name it with --sensor: {names}.")
    return sensors[0]


def last_nights(sensor: Sensor, nights: int) -> tuple[date, date]:
    """The period of a sensor's last few evenings, up to its newest night, from its first evening on.

    Raises UsageError if it has none.
    """
    if not sensor.rated:
        raise UsageError(f"{sensor.device.name} has no night yet, so there is nothing to report.")
    last = sensor.rated[-1].night.date
    return max(last - timedelta(days=nights - 1), sensor.rated[0].night.date), last


def twitch_profile(
    archive: Archive, sensor: Sensor, period: tuple[date, date], now_utc_us: int
) -> ProfileView:
    """The profile of a sensor from the first to the last evening of a period.

    Raises UsageError if it has no night in it, and the store's errors.
    """
    return _view(_gather(archive, sensor, period, now_utc_us))


def _gather(archive: Archive, sensor: Sensor, period: tuple[date, date], now_utc_us: int) -> Gathered:
    store = archive.store
    first, last = period
    rated = tuple(one for one in sensor.rated if first <= one.night.date <= last)
    if not rated:
        raise UsageError(f"{sensor.device.name} has no night from {evening(first)} to {evening(last)}.")
    own = [one.night for one in rated]
    written = book.read_entries(store, LOCAL)
    entries = [entry for entry in written if first <= entry.night <= last]
    silent = silences(store, [sensor.device], now_utc_us)
    findings = [
        flag
        for flag in derive(store, LOCAL, now_utc_us, archive=archive)
        if flag.resolved_utc_us is None
        and flag.kind != "no_data"
        and flag.identity == sensor.device.hardware_id
        and flag.night is not None
        and first <= (flag.last_night or flag.night) <= last
    ]
    places = book.places(written, own)
    worn_at = [places[key] for night in own if (key := (night.identity, night.date)) in places]
    counted = book.counted_nights(own)
    # What a wearer noted is not of the simulated ring, unless nothing else is here.
    own_journal = is_worn(sensor.device.hardware_id) or not any(
        is_worn(device.hardware_id) for device in store.devices()
    )
    return Gathered(
        sensor=sensor,
        contract=LogReader(store, sensor.device).contract or RING,
        first=first,
        last=last,
        rated=rated,
        absent=tuple(absences(sensor.nights, NightChoice(first, last), last + timedelta(days=1), silent)),
        profile=profile_of(own, [counted[night.date] for night in own if night.date in counted]),
        journal={entry.night: entry for entry in entries} if own_journal else {},
        wearer=book.wearer(written) if own_journal else book.Wearer(),
        places=tuple(dict.fromkeys(worn_at)),
        findings=tuple(sorted(findings, key=lambda flag: -URGENCIES.index(flag.urgency))),
        waveforms=tuple(_waveforms(archive, rated)),
    )


def _view(found: Gathered) -> ProfileView:
    own = found.profile
    nights = [one.night for one in found.rated]
    return ProfileView(
        "profile",
        profile_version=PROFILE_VERSION,
        first_night=found.first.isoformat(),
        last_night=found.last.isoformat(),
        sensor=ProfileSensor(
            name=found.sensor.device.name,
            hardware_id=found.sensor.device.hardware_id,
            places=list(found.places),
            firmware=sorted({one for night in nights for one in night.firmware}),
            detector_versions=sorted({one for night in nights for one in night.detector_versions}),
            analysis_version=max(night.analysis_version for night in nights),
            sample_rate_hz=found.contract.rate_hz,
            range_g=found.contract.range_g,
        ),
        wearer=None
        if found.wearer == book.Wearer()
        else ProfileWearer(found.wearer.birth_year, found.wearer.sex),
        coverage=ProfileCoverage(
            nights=(found.last - found.first).days + 1,
            nights_with_data=len(nights),
            nights_usable=len(own.usable),
            rest_h=round(own.rate.rest_h, 2),
            limit_mg=None if own.limit_mg is None else [round(one, 2) for one in own.limit_mg],
        ),
        annotations=_annotations(nights),
        missing=[
            ProfileMissing(one.first.isoformat(), one.last.isoformat(), one.cause) for one in found.absent
        ],
        twitches=_twitches(own),
        tremor=_tremor(own),
        modal_night=[
            ProfileHour(
                one.hour,
                one.nights,
                *(round(value, 2) for value in (one.median, one.p10, one.p25, one.p75, one.p90)),
            )
            for one in own.modal
        ],
        nights=[
            _night(found, found.first + timedelta(days=day))
            for day in range((found.last - found.first).days + 1)
        ],
        waveforms=list(found.waveforms),
        symptoms=_symptoms(found.journal.values()),
        findings=[title_of(flag.kind, flag.scope) for flag in found.findings],
    )


def _annotations(nights: Sequence[Night]) -> ProfileAnnotations | None:
    own = [night.measured for night in nights if night.measured is not None]
    if not own:
        return None
    return ProfileAnnotations(
        nights=len(own),
        left_out_h=round(sum(one.left_out_h for one in own), 2),
        judged=sum(one.judged.of for one in own),
        right=sum(one.judged.right for one in own),
    )


def _twitches(own: Profile) -> ProfileTwitches:
    rate, change = own.rate, own.change
    return ProfileTwitches(
        count=rate.count,
        per_hour=_rounded(rate.per_hour),
        interval=_interval(rate.interval_low, rate.interval_high),
        change=_rounded(change.ratio),
        change_interval=None if change.interval is None else _interval(*change.interval),
        change_reason=change.reason or None,
    )


def _tremor(own: Profile) -> ProfileTremor:
    tremor = own.tremor
    rest_s = 3600 * sum(night.rest_h + night.blind_h + night.tremor_h for night in own.nights)
    return ProfileTremor(
        nights=own.tremor_nights,
        total_min=0.0 if tremor is None else round(tremor.total_s / 60, 2),
        share_of_rest=None if tremor is None or not rest_s else round(tremor.total_s / rest_s, 5),
        awake_bouts=0 if tremor is None else tremor.awake,
        clusters=[]
        if tremor is None
        else [
            ProfileCluster(
                round(one.frequency_hz, 2), one.bouts, round(one.total_s, 1), round(one.amplitude_mg, 1)
            )
            for one in tremor.rates
        ],
    )


def _night(found: Gathered, day: date) -> ProfileNight:
    one = next((one for one in found.rated if one.night.date == day), None)
    entry = found.journal.get(day)
    noted = {} if entry is None else entry.sealed
    medication, caffeine = noted.get("medication"), noted.get("caffeine_mg")
    medicines = medication if isinstance(medication, list) else []
    caffeine_mg = float(caffeine) if isinstance(caffeine, int | float) else None
    if one is None:
        cause = next((gap.cause for gap in found.absent if gap.first <= day <= gap.last), "unknown")
        return ProfileNight(day.isoformat(), None, None, None, None, [], cause, medicines, caffeine_mg)
    night, rate = one.night, one.rate
    return ProfileNight(
        day.isoformat(),
        per_hour=_rounded(rate.per_hour),
        interval=_interval(rate.interval_low, rate.interval_high),
        rest_h=round(night.rest_h, 2),
        tremor_min=round(sum(bout.duration_s for bout in night.bouts) / 60, 2),
        hourly=[_rounded(hour.per_hour) for hour in night.hours],
        missing=left_out(night),
        medication=medicines,
        caffeine_mg=caffeine_mg,
    )


def _waveforms(archive: Archive, rated: Sequence[RatedNight]) -> list[ProfileWaveform]:
    last = [one for one in rated if left_out(one.night) is None][-WAVEFORM_NIGHTS:]
    shown: list[tuple[float, WholeNight, NightEvent]] = []
    for one in last:
        whole = archive.whole(one.night)
        shown += [
            (event.peak_mg, whole, event)
            for event in whole.events
            if event.kind == "twitch" and event.snippet_seq is not None
        ]
    if not shown:
        return []
    shown.sort(key=lambda one: one[0])
    chosen = {"largest": shown[-1], "typical": shown[len(shown) // 2]}
    found = []
    for which, (peak_mg, whole, event) in chosen.items():
        assert event.snippet_seq is not None
        form = stored_waveform(archive, whole, event.snippet_seq)
        found.append(
            ProfileWaveform(
                which,
                whole.date.isoformat(),
                round(peak_mg, 1),
                form.rate_hz,
                form.x_mg,
                form.y_mg,
                form.z_mg,
            )
        )
    return found


def _symptoms(entries: Iterable[Entry]) -> list[ProfileSymptom]:
    noted: dict[str, list[date]] = {}
    for symptom in book.symptoms(entries):
        noted.setdefault(symptom.name, []).append(symptom.night)
    return [
        ProfileSymptom(name, len(set(noted[name])), max(noted[name]).isoformat())
        for name in SYMPTOMS
        if name in noted
    ]


def _interval(low: float | None, high: float | None) -> list[float] | None:
    return None if low is None or high is None else [round(low, 2), round(high, 2)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
