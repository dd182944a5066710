"""A report's files: the page, and beside it the profile as JSON, which is what is verified."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, get_args

from twitchwatch.archive.nights import Archive, Progress
from twitchwatch.archive.profile import one_sensor, twitch_profile
from twitchwatch.clock.zone import LOCAL
from twitchwatch.errors import UsageError
from twitchwatch.report.paper import Paper, pdf
from twitchwatch.report.screen import html
from twitchwatch.report.words import LANGUAGES, sheet
from twitchwatch.store import Store
from twitchwatch.views.profile import PROFILE_VERSION, ProfileView
from twitchwatch.views.shape import SCHEMA_VERSION
from twitchwatch.whole_files import write_whole

PAPERS = get_args(Paper)
# Derives a profile again: from hardware id and period.
Derive = Callable[[str, tuple[date, date]], ProfileView]


def twin_text(profile: ProfileView) -> str:
    """The profile's JSON, as it is written beside a page."""
    return (
        json.dumps(profile.as_json() | {"schema_version": SCHEMA_VERSION}, indent=1, ensure_ascii=False)
        + "\n"
    )


def write(profile: ProfileView, page: Path, language: str, paper: Paper) -> Path:
    """Write a page (.pdf or .html) and its twin; gives the twin's path. Raises UsageError and OSError."""
    content = page_bytes(profile, page.suffix, language, paper)
    twin = page.with_suffix(".json")
    write_whole({twin: twin_text(profile).encode(), page: content})
    return twin


def page_bytes(profile: ProfileView, suffix: str, language: str, paper: Paper) -> bytes:
    """The page's content, by the ending of its name."""
    own = sheet(profile, language)
    if suffix.lower() == ".pdf":
        return pdf(own, paper)
    if suffix.lower() in (".html", ".htm"):
        return html(own).encode()
    raise UsageError(f"A report is a .pdf or a .html file, not {suffix or 'a file without an ending'}.")


def deriving(store: Store, now_utc_us: int, progress: Progress) -> Derive:
    """What derives a profile from these records again."""
    archive = Archive(store, LOCAL, progress=progress)

    def derive(hardware_id: str, period: tuple[date, date]) -> ProfileView:
        return twitch_profile(archive, one_sensor(archive, hardware_id), period, now_utc_us)

    return derive


def verify(given: Path, derive: Derive) -> list[str]:
    """What differs between a report and the records, in words; empty if nothing does.

    given: a page or its twin. Raises UsageError if it cannot be read.
    """
    twin = read_twin(given.with_suffix(".json"))
    sensor = twin.get("sensor", {}).get("hardware_id", "")
    try:
        period = date.fromisoformat(twin["first_night"]), date.fromisoformat(twin["last_night"])
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"{given.with_suffix('.json')} does not state its period, so it is not a profile."
        ) from None
    profile = derive(str(sensor), period)
    again = json.loads(twin_text(profile))
    wrong = [
        f"{path}: the report says {_short(said)}, the records say {_short(found)}"
        for path, said, found in _differences("", twin, again)
    ]
    if given.suffix.lower() != ".json" and not wrong:
        try:
            content = given.read_bytes()
        except OSError as error:
            raise UsageError(f"{given} cannot be read ({error.strerror}).") from None
        made = (
            page_bytes(profile, given.suffix, language, paper)
            for language in LANGUAGES
            for paper in (PAPERS if given.suffix.lower() == ".pdf" else PAPERS[:1])
        )
        if not any(content == one for one in made):
            wrong.append(f"{given.name}: the page is not the one that follows from these figures")
    return wrong


def read_twin(path: Path) -> dict[str, Any]:
    """A profile's JSON. Raises UsageError."""
    try:
        twin = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}). A report has its .json file beside it."
        ) from None
    except ValueError:
        raise UsageError(f"{path} is not JSON. Make the report again with `twitchwatch report`.") from None
    if not isinstance(twin, dict) or twin.get("kind") != "profile":
        raise UsageError(f"{path} is not a twitch profile.")
    if twin.get("profile_version") != PROFILE_VERSION:
        raise UsageError(
            f"{path} has version {twin.get('profile_version')} of the format; this program reads"
            f" {PROFILE_VERSION}."
        )
    return twin


def _differences(path: str, said: Any, found: Any) -> list[tuple[str, Any, Any]]:
    if isinstance(said, dict) and isinstance(found, dict):
        keys = [*found, *(key for key in said if key not in found)]
        return [
            one
            for key in keys
            for one in _differences(f"{path}.{key}".lstrip("."), said.get(key), found.get(key))
        ]
    if isinstance(said, list) and isinstance(found, list) and len(said) == len(found):
        pairs = enumerate(zip(said, found, strict=True))
        return [one for at, (a, b) in pairs for one in _differences(f"{path}[{at}]", a, b)]
    return [] if said == found else [(path, said, found)]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
