"""The manifest of a run: everything needed to repeat it, and to check that nothing differs."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from twitchwatch import __version__
from twitchwatch.errors import OutputError, UsageError
from twitchwatch.laboratory.examining import Examined, Refused, Terms
from twitchwatch.laboratory.files import Named
from twitchwatch.recording.source import STANDARD_INPUT
from twitchwatch.shared.detector.parameters import NAMES, VERSION, checksum, table
from twitchwatch.views.recordings import summary, timeline
from twitchwatch.views.shape import Line

MANIFEST_VERSION = 2
"""Version 1 had neither `result_sha256` nor `starts` nor `candidates`."""

_PACKAGES = ("numpy", "scipy", "numba", "pyarrow", "actfast", "edfio", "matplotlib")


def check_repeatable(files: Sequence[Named]) -> None:
    """Raise UsageError if a run over these files could not be repeated."""
    if any(file.path == STANDARD_INPUT for file in files):
        raise UsageError(
            "A run that reads standard input cannot be repeated, so --manifest needs files: save the "
            "recording, and give the file."
        )


def manifest_of(
    files: Sequence[tuple[Named, str | None, str]], terms: Terms, arguments: Sequence[str]
) -> dict[str, Any]:
    """The manifest as JSON: files with their SHA-256 and that of their results, everything stated, every
    threshold, versions.

    arguments: the command as it was typed.
    """
    values = table(dict(terms.changed))
    stated = terms.stated
    return {
        "manifest_version": MANIFEST_VERSION,
        "twitchwatch_version": __version__,
        "detector_version": VERSION,
        "parameters_crc": checksum(values),
        "parameters": dict(zip(NAMES, values, strict=True)),
        "arguments": list(arguments),
        "stated": {
            "rate_hz": stated.rate_hz,
            "unit_g": stated.unit_g,
            "start": None if terms.starts.alone is None else terms.starts.alone.isoformat(),
            "starts": {name: start.isoformat() for name, start in terms.starts.by_name.items()},
            "columns": None if stated.columns is None else dict(stated.columns),
            "site": terms.site,
            "thresholds": dict(terms.changed),
            "candidates": terms.account,
        },
        "files": [
            {
                "source": file.label,
                "path": str(file.path),
                "bytes": file.path.stat().st_size if content else None,
                "sha256": content,
                "result_sha256": result,
            }
            for file, content, result in files
        ],
        **installed(),
    }


def installed() -> dict[str, Any]:
    """Versions of what a result may depend on besides the detector."""
    return {
        "python_version": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def result_sha256(one: Examined | Refused) -> str:
    """SHA-256 of everything that is printed about a file: events, bouts, gaps, candidates, the summary."""
    if isinstance(one, Refused):
        # Wherever the file is.
        said = str(one.error).replace(str(one.file.path), one.file.label)
        return sha256(said.encode()).hexdigest()
    digest = sha256()
    lines: Iterable[Line] = (*timeline(one.found), summary(one.found))
    for line in lines:
        digest.update(json.dumps(line.as_json(), sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def write_manifest(path: Path, manifest: dict[str, Any]) -> None:
    """Write it, indented. Raises OutputError."""
    try:
        path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}). Free some space, or choose another file."
        ) from error


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
