"""Thresholds of the detector that a user sets for a run, within the limits of a sensor's settings."""

from __future__ import annotations

import json
from collections.abc import Iterable

from twitchwatch.errors import UsageError, did_you_mean
from twitchwatch.sensor_settings import PARAMETERS, SETTINGS, in_json

_NAMES = tuple(setting.name for setting in PARAMETERS)


def thresholds(stated: Iterable[str]) -> dict[str, int]:
    """What each `NAME=VALUE` changes, by name; if one is named twice, the last one counts.

    Raises UsageError, with the limits, if there is no such threshold, or it cannot have that value.
    """
    changed: dict[str, int] = {}
    for text in stated:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set {text} has no value: write NAME=VALUE, such as --set tilt=300.")
        if name in SETTINGS and not SETTINGS[name].of_detector:
            raise UsageError(
                f"{name} is a setting of a sensor and not a threshold of the detector, so it changes nothing "
                "here. `twitchwatch settings show` lists the thresholds."
            )
        if name not in _NAMES:
            raise UsageError(
                f"There is no threshold {name!r}.{did_you_mean(name, _NAMES)} `twitchwatch settings show` "
                "lists them."
            )
        try:
            number = json.loads(in_json(name, value))
        except ValueError as error:
            raise UsageError(f"--set: {error}") from error
        changed.pop(name, None)
        if number is not None:
            changed[name] = number
    return changed
