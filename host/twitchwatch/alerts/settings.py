"""The alert settings: a TOML file next to the database, private to its owner; it may contain secrets."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any, NoReturn, cast

from twitchwatch.alerts.policy import URGENCIES, Rules, Urgency, Weekly
from twitchwatch.errors import ConfigurationError

TEMPLATE = """\
# When and how Twitchwatch sends alerts. `twitchwatch alerts test` tries every channel.

# In these hours only the most urgent messages are sent. "" sends at any hour.
quiet = "22:00-08:00"
# The lowest urgency to send: note, finding, fault, doctor, at_once.
least = "finding"
# Repeat a fault or a reason to see a doctor once if it is not acknowledged within this many hours; 0: never.
unanswered_after_h = 24
# A calm summary once a week, such as "sunday 10:00"; "" sends none.
digest = ""

# A notification on this computer's desktop.
[desktop]
enabled = true

# Any service that Apprise supports (ntfy, e-mail, Telegram, Matrix, ...): github.com/caronc/apprise/wiki
# [[apprise]]
# url = "ntfys://ntfy.sh/choose-a-long-secret-topic"
# Only messages that were not acknowledged, for example to a second person.
# only = "unanswered"

# Home Assistant finds the sensors by itself through an MQTT broker.
# [mqtt]
# host = "homeassistant.local"
# port = 1883
# username = "twitchwatch"
# password = ""
# tls = false

# A service that sends an alert if it is *not* called, such as healthchecks.io.
# [heartbeat]
# url = "https://hc-ping.com/your-uuid"
"""

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKLY = re.compile(
    r"(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\s+([01]?\d|2[0-3]):([0-5]\d)"
)
_QUIET = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class AppriseChannel:
    """One of Apprise's URLs; `only_unanswered`: only for messages that have not been acknowledged."""

    url: str
    only_unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Broker:
    """An MQTT broker, and the topics that Home Assistant reads."""

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = None
    tls: bool = False
    discovery: str = "homeassistant"


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """All settings; the defaults apply if there is no file."""

    rules: Rules = field(default_factory=Rules)
    desktop: bool = True
    apprise: tuple[AppriseChannel, ...] = ()
    broker: Broker | None = None
    heartbeat_url: str | None = None
    digest: Weekly | None = None


def path_beside(database: Path) -> Path:
    """The path of this database's settings."""
    return database.with_name("alerts.toml")


def write_template(path: Path) -> None:
    """Create a file to fill in. Raises ConfigurationError if it exists or cannot be created."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigurationError(f"{path} already exists; edit it, or move it away first.") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be created: {error.strerror}.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(TEMPLATE)


def read(path: Path) -> AlertSettings:
    """The settings in this file; the defaults if there is none.

    Raises ConfigurationError, which names the key and the expected value.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return AlertSettings()
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from error
    return _Reader(path).settings(table)


class _Reader:
    """Reads one file, and names it in every error."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def settings(self, table: Mapping[str, Any]) -> AlertSettings:
        self._known(
            table,
            "",
            {"quiet", "least", "unanswered_after_h", "digest", "desktop", "apprise", "mqtt", "heartbeat"},
        )
        least = self._one(table, "least", str, "finding")
        if least not in URGENCIES:
            self._wrong("least", f"one of {', '.join(URGENCIES)}")
        rules = Rules(
            self._quiet(self._one(table, "quiet", str, "22:00-08:00")),
            cast("Urgency", least),
            float(self._one(table, "unanswered_after_h", int | float, 24)),
        )
        desktop = self._table(table, "desktop", {"enabled"})
        heartbeat = self._table(table, "heartbeat", {"url"})
        channels = table.get("apprise", [])
        if not isinstance(channels, list):
            self._wrong("apprise", "a list: start each channel with [[apprise]]")
        return AlertSettings(
            rules,
            self._one(desktop, "enabled", bool, True),
            tuple(self._channel(one) for one in channels),
            self._broker(table),
            self._one(heartbeat, "url", str, None),
            self._weekly(self._one(table, "digest", str, "")),
        )

    def _channel(self, table: Any) -> AppriseChannel:
        if not isinstance(table, dict):
            self._wrong("apprise", "a list: start each channel with [[apprise]]")
        self._known(table, "apprise.", {"url", "only"})
        url = self._one(table, "url", str, "")
        if "://" not in url:
            self._wrong("apprise.url", 'an address such as "ntfys://ntfy.sh/topic"')
        only = self._one(table, "only", str, "")
        if only not in ("", "unanswered"):
            self._wrong("apprise.only", '"unanswered", or nothing')
        return AppriseChannel(url, only == "unanswered")

    def _broker(self, table: Mapping[str, Any]) -> Broker | None:
        if "mqtt" not in table:
            return None
        mqtt = self._table(table, "mqtt", {"host", "port", "username", "password", "tls", "discovery"})
        host = self._one(mqtt, "host", str, "")
        if not host:
            self._wrong("mqtt.host", "the broker's name or address")
        tls = self._one(mqtt, "tls", bool, False)
        return Broker(
            host,
            self._one(mqtt, "port", int, 8883 if tls else 1883),
            self._one(mqtt, "username", str, None),
            self._one(mqtt, "password", str, None),
            tls,
            self._one(mqtt, "discovery", str, "homeassistant"),
        )

    def _quiet(self, text: str) -> tuple[time, time] | None:
        if not text:
            return None
        match = _QUIET.fullmatch(text.strip())
        if match is None:
            self._wrong("quiet", 'hours such as "22:00-08:00", or "" for none')
        numbers = [int(part) for part in match.groups()]
        try:
            return time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
        except ValueError:
            self._wrong("quiet", "hours from 00:00 to 23:59")

    def _weekly(self, text: str) -> Weekly | None:
        if not text.strip():
            return None
        match = _WEEKLY.fullmatch(text.strip().lower())
        if match is None:
            self._wrong("digest", 'a weekday and a time such as "sunday 10:00", or "" for none')
        return Weekly(_WEEKDAYS.index(match[1][:3]), time(int(match[2]), int(match[3])))

    def _table(self, table: Mapping[str, Any], name: str, known: set[str]) -> Mapping[str, Any]:
        found = table.get(name, {})
        if not isinstance(found, dict):
            self._wrong(name, f"a table: [{name}]")
        self._known(found, f"{name}.", known)
        return cast("Mapping[str, Any]", found)

    def _known(self, table: Mapping[str, Any], where: str, known: set[str]) -> None:
        for name in table:
            if name not in known:
                raise ConfigurationError(
                    f"{self._path}: {where}{name} is not known. Known here: {', '.join(sorted(known))}."
                )

    def _one(self, table: Mapping[str, Any], name: str, kind: Any, default: Any) -> Any:
        value = table.get(name, default)
        if value is default:
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            words = {str: "a text in quotes", bool: "true or false"}.get(kind, "a number")
            self._wrong(name, words)
        return value

    def _wrong(self, name: str, right: str) -> NoReturn:
        raise ConfigurationError(f"{self._path}: {name} must be {right}.")
