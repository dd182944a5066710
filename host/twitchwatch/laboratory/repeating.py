"""A run repeated from its manifest: the same files, on the same terms, with the same results?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from twitchwatch import __version__
from twitchwatch.errors import RecordingError, UsageError
from twitchwatch.laboratory.examining import Examined, Refused, Terms
from twitchwatch.laboratory.files import Named
from twitchwatch.laboratory.manifest import MANIFEST_VERSION, installed, result_sha256
from twitchwatch.laboratory.starts import Starts
from twitchwatch.laboratory.thresholds import thresholds
from twitchwatch.recording.stated import Stated
from twitchwatch.shared.detector.parameters import VERSION, checksum, table


@dataclass(frozen=True, slots=True)
class Repetition:
    """files: those that are unchanged, in their order. changed: a sentence for each of the others.

    others: what is installed in a different version now. results: by label, None if the manifest has none.
    """

    terms: Terms
    files: list[Named]
    changed: list[str]
    others: list[str]
    results: Mapping[str, str | None]

    def difference(self, one: Examined | Refused) -> str | None:
        """A sentence if the result for this file differs from the first one."""
        before = self.results[one.file.label]
        if before is None or before == result_sha256(one):
            return None
        why = f" Different versions now: {', '.join(self.others)}." if self.others else ""
        return f"{one.file.label}: the result differs from the first run.{why}"


def repetition(path: Path) -> Repetition:
    """From the manifest at `path`; files are looked for as they were named, then beside the manifest.

    Raises UsageError if it is not a manifest of this version or an earlier one.
    """
    manifest = _read(path)
    try:
        terms = _terms(manifest["stated"])
        entries = [(Named(Path(each["path"]), each["source"]), each) for each in manifest["files"]]
        others = _others(manifest, terms)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{path} is not a complete manifest ({error!r}). Use an unchanged one.") from error
    files, changed = [], []
    for named, each in entries:
        found = next(
            (place for place in (named.path, path.parent / named.path) if place.is_file()), named.path
        )
        file = Named(found, named.label)
        why = _changed(file, each["sha256"])
        if why is None:
            files.append(file)
        else:
            changed.append(why)
    return Repetition(
        terms, files, changed, others, {named.label: each.get("result_sha256") for named, each in entries}
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version = manifest["manifest_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is not a manifest: give a file that `detect --manifest` wrote.") from error
    if not isinstance(version, int) or version > MANIFEST_VERSION:
        raise UsageError(f"{path} is a manifest of a newer version ({version}). Upgrade Twitchwatch.")
    return dict(manifest)


def _terms(stated: Mapping[str, Any]) -> Terms:
    start = stated["start"]
    return Terms(
        Stated(stated["rate_hz"], stated["unit_g"], None, stated["columns"]),
        Starts(
            None if start is None else datetime.fromisoformat(start),
            {name: datetime.fromisoformat(each) for name, each in stated.get("starts", {}).items()},
        ),
        stated["site"],
        thresholds(f"{name}={value}" for name, value in stated["thresholds"].items()),
        stated.get("candidates", False),
    )


def _others(manifest: Mapping[str, Any], terms: Terms) -> list[str]:
    now = {"twitchwatch_version": __version__, "detector_version": VERSION, **installed()}
    now["parameters_crc"] = checksum(table(dict(terms.changed)))
    pairs = [(name, manifest[name], value) for name, value in now.items() if name != "packages"]
    pairs += [(name, before, now["packages"].get(name)) for name, before in manifest["packages"].items()]
    return [f"{name} {value}, not {before}" for name, before, value in pairs if before != value]


def _changed(file: Named, before: str | None) -> str | None:
    try:
        sha256 = file.sha256
    except RecordingError as error:
        return None if before is None else str(error)
    return None if sha256 == before else f"{file.label}: the file has changed since the first run."
