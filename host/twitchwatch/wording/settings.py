"""The settings of a sensor, in words: rows of a list, and one in full."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from twitchwatch.sensor_settings import Setting
from twitchwatch.store.changes import Change


def setting_row(
    setting: Setting, held: Mapping[str, Any], waiting: Mapping[str, Change]
) -> tuple[str, str, str, str, str]:
    """Name, value, unit, default, and the requested value."""
    return (
        setting.name,
        str(held.get(setting.name, "-")),
        setting.unit,
        str(setting.default),
        _asked(setting, waiting.get(setting.name)),
    )


def setting_parts(
    setting: Setting, held: Mapping[str, Any], waiting: Mapping[str, Change]
) -> list[tuple[str, str]]:
    """Everything about a setting, each part after its label."""
    value = str(held.get(setting.name, "not reported yet"))
    limits = "" if setting.least is None else f"{setting.least} to {setting.greatest}"
    parts = [
        ("Value", value if setting.least is None else f"{value} {setting.unit}"),
        ("Requested", _asked(setting, waiting.get(setting.name))),
        ("Default", str(setting.default)),
        ("Limits", limits),
        ("Reason", setting.reason),
        ("Source", setting.source),
    ]
    return [(label, text) for label, text in parts if text]


def _asked(setting: Setting, change: Change | None) -> str:
    if change is None:
        return ""
    value = json.loads(change.value)
    asked = setting.default if value is None else value
    return f"{asked} ({'waits' if change.outcome is None else change.outcome})"
