"""Annotating from a terminal: the night that is meant, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from twitchwatch.analysis.night import Night
from twitchwatch.archive import annotating
from twitchwatch.archive.nights import Archive, RatedNight
from twitchwatch.archive.selection import NightChoice, chosen_devices, chosen_nights
from twitchwatch.clock.dates import evening
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.journal.tonight import now_and_evening
from twitchwatch.store import Store
from twitchwatch.terminal.output import write_json, write_text
from twitchwatch.terminal.page import Page
from twitchwatch.terminal.progress import show_deriving
from twitchwatch.views.annotating import PrecisionView
from twitchwatch.views.nights import precision_view
from twitchwatch.wording.annotating import annotated_words, annotation_row, judged_in, precision_words
from twitchwatch.wording.nights import sentence


class Annotating:
    """One command line: an archive, the sensor and night that were named, and the way to answer."""

    def __init__(self, database: Path, sensor: str | None, night: date | None, as_json: bool) -> None:
        self._database, self._sensor, self._night, self._as_json = database, sensor, night, as_json

    def events(
        self,
        wanted: Sequence[str],
        kind: str | None,
        times: tuple[str | None, str | None],
        verdict: str,
        words: str,
    ) -> None:
        """Annotate events by their numbers, or all of a kind in a stretch of a night."""
        if bool(wanted) == (kind is not None):
            raise UsageError(
                "Name events by their numbers, or all of a kind: --kind twitch --from 02:00 --to 03:00."
            )

        def work(archive: Archive, nights: Sequence[RatedNight], now_utc_us: int) -> int:
            if kind is None:
                whole = annotating.night_with(archive, [one.night for one in nights], wanted[0])
                return annotating.judge(archive, whole, wanted, verdict, words, now_utc_us)
            whole = archive.whole(self._one(nights))
            begin, end = (None if text is None else annotating.moment_in(whole, text) for text in times)
            those = annotating.of_kind(
                whole,
                kind,
                whole.start_utc_us if begin is None else begin,
                whole.end_utc_us if end is None else end,
            )
            return annotating.judge(archive, whole, those, verdict, words, now_utc_us)

        self._write(work)

    def leave_out(self, times: tuple[str, str], words: str) -> None:
        """Leave a stretch of the night out."""

        def work(archive: Archive, nights: Sequence[RatedNight], now_utc_us: int) -> int:
            night = self._one(nights)
            begin, end = (annotating.moment_in(night, text) for text in times)
            return annotating.leave_out(archive.store, night, begin, end, words, now_utc_us)

        self._write(work)

    def note(self, begin: str, end: str | None, words: str) -> None:
        """Bookmark a moment or a stretch."""

        def work(archive: Archive, nights: Sequence[RatedNight], now_utc_us: int) -> int:
            night = self._one(nights)
            from_us = annotating.moment_in(night, begin)
            until_us = None if end is None else annotating.moment_in(night, end)
            return annotating.note_moment(archive.store, night, from_us, until_us, words, now_utc_us)

        self._write(work)

    def remove(self, number: int) -> None:
        """Take an entry back."""
        self._write(lambda archive, nights, now_utc_us: annotating.take_back(archive, number, now_utc_us).id)

    def list(self, choice: NightChoice) -> None:
        """Print the entries about these nights, and how often the detector was right in them."""
        with Store.open_existing(self._database) as store:
            archive = Archive(store, LOCAL, progress=show_deriving)
            sensors = archive.sensors(chosen_devices(store, self._sensor))
            nights = [one.night for one in chosen_nights(sensors, choice)]
            known = {sensor.device.hardware_id for sensor in sensors}
            entries = [
                (one, annotating.night_of(one, nights))
                for one in archive.annotations().all
                if one.identity in known
            ]
        entries = [pair for pair in entries if pair[1] is not None or choice.everything]
        if self._as_json:
            for one, night in entries:
                write_json(annotating.annotation_view(one, night))
            for kind, judged in zip(("twitch", "tremor"), judged_in(nights), strict=True):
                fields = precision_view(judged).as_json()
                write_json(PrecisionView("precision", **fields, of=kind))
            return
        page = Page()
        if not entries:
            page.say("No annotations. `twitchwatch annotate --help` shows how to make one.")
            return
        page.table(
            ("No.", "Night", "Time", "What"),
            [annotation_row(*pair) for pair in entries],
            right=("No.",),
            titles=1,
        )
        for words in precision_words(nights):
            page.say(words)

    def _one(self, nights: Sequence[RatedNight]) -> Night:
        own = [one.night for one in nights if self._night in (None, one.night.date)]
        own = [night for night in own if night.date == own[-1].date]
        if not own:
            raise UsageError("There is no such night. `twitchwatch nights` lists them.")
        if len(own) > 1:
            raise UsageError(f"Name one with --sensor: {', '.join(night.device for night in own)}.")
        return own[0]

    def _write(self, work: Callable[[Archive, Sequence[RatedNight], int], int]) -> None:
        now_utc_us, _ = now_and_evening()
        with Store.open_existing(self._database) as store:
            archive = Archive(store, LOCAL, progress=show_deriving)
            devices = chosen_devices(store, self._sensor)
            choice = NightChoice(self._night, self._night)
            number = work(archive, chosen_nights(archive.sensors(devices), choice), now_utc_us)
            rated = chosen_nights(archive.sensors(devices), choice)
            one = next(each for each in archive.annotations().all if each.id == number)
        night = annotating.night_of(one, [each.night for each in rated])
        if self._as_json:
            write_json(annotating.annotation_view(one, night))
            return
        _, when, moment, what = annotation_row(one, night)
        write_text(f"{when}, {moment}: {what} (annotation {number}).")
        for each in rated:
            if each.night is night:
                write_text(f"{evening(each.night.date)}: {sentence(each)}")
                for words in annotated_words(each):
                    write_text(words)
