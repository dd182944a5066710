"""A profile in words: one page's sentences, figures and pictures, in one of the languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

from twitchwatch import __version__
from twitchwatch.flags.titles import kind_of
from twitchwatch.foreign import one_line
from twitchwatch.report import pictures
from twitchwatch.store import DEMO_HARDWARE_ID
from twitchwatch.views.profile import ProfileNight, ProfileView

# Each with its locale: dates and numbers follow Unicode's data (CLDR); English is British, as elsewhere.
LOCALES = {"en": "en_GB", "de": "de_DE", "zh": "zh_Hans_CN"}
LANGUAGES = tuple(LOCALES)
THUMBNAILS = 14


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG with what it shows in words."""

    svg: str
    alt: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """One of the three numbers: what it is, its value, and how certain it is."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page. `labels`: headings and fixed sentences by their names in the texts."""

    language: str
    labels: Mapping[str, Any]
    period: str
    sensor: str
    seen: tuple[str, ...]
    numbers: tuple[Number, ...]
    modal: Picture | None
    modal_note: str
    tremor_rows: tuple[tuple[str, ...], ...]
    tremor_notes: tuple[str, ...]
    nights: tuple[Picture, ...]
    waveforms: tuple[Picture, ...]
    symptoms: tuple[str, ...]
    findings: tuple[str, ...]
    made: str


def texts(language: str) -> dict[str, Any]:
    """The texts of a language by name. Raises KeyError if the language is not available."""
    if language not in LANGUAGES:
        raise KeyError(language)
    source = resources.files("twitchwatch.report") / "texts" / f"{language}.toml"
    return tomllib.loads(source.read_text("utf-8"))


def sheet(profile: ProfileView, language: str) -> Sheet:
    """The page of a profile. Raises KeyError if the language is not available."""
    return _Writer(profile, language).sheet()


class _Writer:
    def __init__(self, profile: ProfileView, language: str) -> None:
        self._own = profile
        self._language = language
        self._text = texts(language)
        self._locale = Locale.parse(LOCALES[language])

    def sheet(self) -> Sheet:
        own, text = self._own, self._text
        name = one_line(own.sensor.name)
        places = ", ".join(own.sensor.places)
        worn = text["worn_at"].format(name=name, places=places)
        return Sheet(
            language=self._language,
            labels=text,
            period=text["period"].format(first=self._day(own.first_night), last=self._day(own.last_night)),
            sensor=worn if places else text["worn_unknown"].format(name=name),
            seen=self._seen(),
            numbers=(self._often(), self._rhythmic(), self._trend()),
            modal=self._modal(),
            modal_note=text["modal_legend"]
            if own.modal_night
            else text["modal_none"].format(nights=own.coverage.nights_usable),
            tremor_rows=tuple(
                (
                    f"{self._number(one.frequency_hz, 1)} Hz",
                    str(one.bouts),
                    f"{self._number(one.total_s / 60, 1)} min",
                    f"{self._number(one.amplitude_mg, 1)} mg",
                )
                for one in own.tremor.clusters
            ),
            tremor_notes=(text["tremor_awake"].format(bouts=own.tremor.awake_bouts),)
            if own.tremor.awake_bouts
            else (),
            nights=self._nights(own.nights[-THUMBNAILS:]),
            waveforms=self._waveforms(),
            symptoms=tuple(
                text["symptom"].format(
                    symptom=text["symptom_names"].get(one.symptom, one_line(one.symptom)),
                    nights=one.nights,
                    last=self._day(one.last_night),
                )
                for one in own.symptoms
            )
            or (text["symptoms_none"],),
            findings=tuple(self._finding(title) for title in own.findings) or (text["findings_none"],),
            made=text["made"].format(
                version=__version__,
                hardware_id=one_line(own.sensor.hardware_id),
                detector="/".join(map(str, own.sensor.detector_versions)),
                analysis=own.sensor.analysis_version,
            ),
        )

    def _seen(self) -> tuple[str, ...]:
        own, text = self._own.coverage, self._text
        seen = text["coverage"].format(
            usable=own.nights_usable,
            nights=own.nights,
            with_data=own.nights_with_data,
            rest=self._number(own.rest_h, 0),
        )
        if own.limit_mg is None:
            limit = text["unseen_none"]
        else:
            least, median, greatest = (self._number(one, 1) for one in own.limit_mg)
            wording = text["unseen_same" if least == greatest else "unseen"]
            limit = wording.format(least=least, median=median, greatest=greatest)
        said = [*self._wearer(), seen, limit]
        if (by := self._own.annotations) is not None:
            corrected = text["annotated"].format(
                nights=by.nights, left_out=self._number(by.left_out_h, 2), judged=by.judged, right=by.right
            )
            said.append(corrected)
        modelled = self._own.sensor.hardware_id == DEMO_HARDWARE_ID
        return (text["modelled"], *said) if modelled else tuple(said)

    def _wearer(self) -> tuple[str, ...]:
        own, text = self._own.wearer, self._text
        if own is None:
            return ()
        born = () if own.birth_year is None else (text["born"].format(year=own.birth_year),)
        sex = () if own.sex is None else (text["sexes"].get(own.sex, one_line(own.sex)),)
        return (text["wearer"].format(noted=text["noted_joint"].join((*born, *sex))),)

    def _finding(self, title: str) -> str:
        """In this language; a title of another program stays as it is."""
        translated: dict[str, str] = self._text.get("finding_titles", {})
        return translated.get(kind_of(title) or "", one_line(title))

    def _often(self) -> Number:
        own, text = self._own.twitches, self._text
        if own.per_hour is None or own.interval is None:
            return Number(text["how_often"], "–", text["no_rate"])
        low, high = (self._number(end, 1) for end in own.interval)
        return Number(
            text["how_often"], self._number(own.per_hour, 1), text["interval"].format(low=low, high=high)
        )

    def _rhythmic(self) -> Number:
        own, text = self._own.tremor, self._text
        nights = self._own.coverage.nights_with_data
        note = text["of_nights"] if own.nights else text["no_tremor"]
        return Number(
            text["rhythmic"],
            str(own.nights),
            note.format(
                nights=nights,
                minutes=self._number(own.total_min, 1),
                share=self._number(100 * (own.share_of_rest or 0.0), 3),
            ),
        )

    def _trend(self) -> Number:
        own, text = self._own.twitches, self._text
        if own.change is None or own.change_interval is None:
            reason = text["trend_few" if self._own.coverage.nights_usable < 8 else "trend_no_twitch"]
            return Number(text["trend"], "–", text["trend_none"].format(reason=reason))
        low, high = (self._number(end, 2) for end in own.change_interval)
        return Number(
            text["trend"],
            text["times"].format(ratio=self._number(own.change, 2)),
            text["interval"].format(low=low, high=high),
        )

    def _modal(self) -> Picture | None:
        hours = self._own.modal_night
        if not hours:
            return None
        spoken = ", ".join(f"{hour.hour:02d}: {self._number(hour.median, 1)}" for hour in hours)
        return Picture(
            pictures.modal_night(hours, self._short), self._text["modal_alt"].format(values=spoken)
        )

    def _nights(self, nights: Sequence[ProfileNight]) -> tuple[Picture, ...]:
        rates = [rate for night in nights for rate in night.hourly if rate is not None]
        most = pictures.scale_of(rates)
        found = []
        for night in nights:
            when = format_skeleton("MMMd", date.fromisoformat(night.night), locale=self._locale)
            if night.per_hour is None:
                alt = self._text["night_missing"].format(night=when, reason=self._text["no_data"])
                figure = "–"
            else:
                figure = self._number(night.per_hour, 1)
                alt = self._text["night_alt"].format(night=when, rate=figure)
            marks = ("R" if night.medication else "") + ("C" if night.caffeine_mg else "")
            caption = self._text["night_caption"].format(night=when, figure=f"{figure} {marks}".rstrip())
            found.append(Picture(pictures.thumbnail(night, most), alt, caption))
        return tuple(found)

    def _waveforms(self) -> tuple[Picture, ...]:
        forms = self._own.waveforms
        most = pictures.scale_of(
            [abs(v) for form in forms for axis in (form.x_mg, form.y_mg, form.z_mg) for v in axis]
        )
        found = []
        for form in forms:
            peak = self._number(form.peak_mg, 1)
            ms = round(1000 * (len(form.x_mg) - 1) / form.rate_hz)
            found.append(
                Picture(
                    pictures.waveform(form, most, self._short),
                    self._text["waveform_alt"].format(ms=ms, peak=peak),
                    self._text[form.which].format(peak=peak),
                )
            )
        return tuple(found)

    def _day(self, iso: str) -> str:
        return format_date(date.fromisoformat(iso), "medium", locale=self._locale)

    def _short(self, value: float) -> str:
        """A mark of a scale: no more digits than it has, and a minus sign of its own width."""
        return format_decimal(value, locale=self._locale).replace("-", "−")

    def _number(self, value: float, digits: int) -> str:
        return format_decimal(value, f"#,##0.{'0' * digits}" if digits else "#,##0", locale=self._locale)
