"""The register of a study: who takes part, under which pseudonym, and who has withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal
from uuid import uuid4

from twitchwatch.errors import ConfigurationError, UsageError
from twitchwatch.study.folder import Folder

STUDY_VERSION = 1
_STUDY = "study.json"
Sex = Literal["F", "M", "X"]


@dataclass(frozen=True, slots=True)
class Study:
    """A study: its name and number, and the day it began."""

    id: str
    name: str
    created: str
    study_version: int = STUDY_VERSION


@dataclass(frozen=True, slots=True)
class Wearer:
    """Who takes part, under a pseudonym. consented, withdrawn: ISO dates; age in years at consent.

    group: such as a diagnosis or an arm, in the coordinator's words.
    """

    wearer: str
    consented: str
    age: int | None = None
    sex: Sex = "X"
    site: str = ""
    group: str = ""
    withdrawn: str | None = None


def begin(
    folder: Folder, name: str, today: date, with_key: Callable[[Study], object] = lambda _: None
) -> Study:
    """Begin a study in an empty folder. Raises UsageError if there is one already, and OutputError.

    with_key: makes its key, before the study exists: without one it would be of no use.
    """
    taken = UsageError(f"{folder.root} is already the folder of a study. Name a new one.")
    if folder.exists(_STUDY):
        raise taken
    study = Study(uuid4().hex, name, today.isoformat())
    with_key(study)
    try:
        folder.create_json(_STUDY, asdict(study))
    except FileExistsError as error:
        raise taken from error
    return study


def study_in(folder: Folder) -> Study:
    """The study in a folder. Raises ConfigurationError if there is none, or its version is newer."""
    try:
        study = Study(**folder.read_json(_STUDY))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ConfigurationError(
            f"There is no study at {folder.root}. Begin one: "
            f"`twitchwatch study init {folder.root} --name NAME --key FILE`."
        ) from error
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{folder.root}/{_STUDY} is damaged ({error}).") from error
    if study.study_version > STUDY_VERSION:
        raise ConfigurationError(f"The study at {folder.root} is of a newer version. Upgrade Twitchwatch.")
    return study


def wearers(folder: Folder) -> list[Wearer]:
    """Everybody who ever took part, in order of pseudonym; for those who withdrew, only that fact."""
    return [_wearer(folder, name) for name in folder.names("wearers", ".json")]


def taking_part(folder: Folder) -> Iterator[Wearer]:
    """Those who have not withdrawn."""
    return (one for one in wearers(folder) if one.withdrawn is None)


def takes_part(folder: Folder, pseudonym: str) -> bool:
    """Whether this wearer is entered and has not withdrawn; reads one file."""
    name = f"wearers/{pseudonym}.json"
    return folder.exists(name) and _wearer(folder, name).withdrawn is None


def enter(folder: Folder, wearer: Wearer) -> None:
    """Enter a wearer, or correct an entry. Raises UsageError for one who has withdrawn, and OutputError."""
    name = f"wearers/{wearer.wearer}.json"
    if folder.exists(name) and _wearer(folder, name).withdrawn is not None:
        raise UsageError(
            "This wearer has withdrawn. To take part again, the wearer needs a new label and a new consent."
        )
    if wearer.age is not None and not 0 <= wearer.age <= 120:
        raise UsageError(f"An age of {wearer.age} is not possible.")
    folder.write_json(name, asdict(wearer))


def strike(folder: Folder, pseudonym: str, today: date) -> bool:
    """Reduce an entry to the fact that the wearer withdrew; False if there is no such entry."""
    name = f"wearers/{pseudonym}.json"
    if not folder.exists(name):
        return False
    folder.write_json(name, asdict(Wearer(pseudonym, "", withdrawn=today.isoformat())))
    return True


def _wearer(folder: Folder, name: str) -> Wearer:
    try:
        return Wearer(**folder.read_json(name))
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"{name} of the study is damaged ({error}).") from error
