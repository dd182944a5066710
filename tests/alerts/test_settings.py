"""The settings file: read, refused with what would be right, and its template is what it says."""

from __future__ import annotations

import stat
from datetime import time
from pathlib import Path

import pytest

from twitchwatch.alerts.policy import Weekly
from twitchwatch.alerts.settings import TEMPLATE, AlertSettings, read, write_template
from twitchwatch.errors import ConfigurationError


def settings(folder: Path, text: str) -> AlertSettings:
    path = folder / "alerts.toml"
    path.write_text(text)
    return read(path)


def test_the_template_says_the_defaults(tmp_path: Path) -> None:
    assert settings(tmp_path, TEMPLATE) == read(tmp_path / "none.toml") == AlertSettings()


def test_the_template_with_all_its_lines_used(tmp_path: Path) -> None:
    lines = [
        line.removeprefix("# ") if line.startswith(("# [", "# url", "# only", "# host", "# port", "# user",
                                                    "# pass", "# tls")) else line
        for line in TEMPLATE.splitlines()
    ]  # fmt: skip
    reported = settings(tmp_path, "\n".join(lines))
    assert reported.broker is not None
    assert (reported.broker.host, reported.broker.port) == ("homeassistant.local", 1883)
    assert reported.apprise[0].only_unanswered
    assert reported.heartbeat_url == "https://hc-ping.com/your-uuid"


@pytest.mark.parametrize(
    ("text", "weekly"),
    [
        ("sunday 10:00", Weekly(6, time(10))),
        ("Mon 7:05", Weekly(0, time(7, 5))),
        (" thursday  23:59 ", Weekly(3, time(23, 59))),
        ("", None),
    ],
)
def test_when_the_digest_is_sent(tmp_path: Path, text: str, weekly: Weekly | None) -> None:
    assert settings(tmp_path, f'digest = "{text}"').digest == weekly


@pytest.mark.parametrize("text", ["sunday", "10:00", "sunday 24:00", "someday 10:00", "sun 10:60"])
def test_a_digest_that_has_no_time_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r'digest must be a weekday and a time such as "sunday 10:00"'
    ):
        settings(tmp_path, f'digest = "{text}"')


def test_the_file_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "alerts.toml"
    write_template(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ConfigurationError, match="already exists"):
        write_template(path)


def test_read(tmp_path: Path) -> None:
    reported = settings(tmp_path, 'quiet = ""\nleast = "doctor"\n[mqtt]\nhost = "broker"\ntls = true\n')
    assert reported.rules.quiet is None
    assert reported.rules.least == "doctor"
    assert reported.broker.port == 8883
    assert settings(tmp_path, 'quiet = "13:30 - 15:00"').rules.quiet == (time(13, 30), time(15))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('quiet = "late"', "hours such as"),
        ('quiet = "25:00-08:00"', "00:00 to 23:59"),
        ('least = "all"', "one of note"),
        ("unanswered_after_h = true", "a number"),
        ("volume = 11", "volume is not known"),
        ("[mqtt]\nport = 1", "mqtt.host must be"),
        ("[mqtt]\nhost = 5", "a text in quotes"),
        ('[[apprise]]\nurl = "me@example"', "an address such as"),
        ('[[apprise]]\nurl = "json://x"\nonly = "never"', "unanswered"),
        ('[apprise]\nurl = "json://x"', r"\[\[apprise\]\]"),
        ("[desktop]\nenabled = 1", "true or false"),
        ("desktop = 1", r"a table: \[desktop\]"),
        ("[", "is not valid TOML"),
    ],
)
def test_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        settings(tmp_path, text)
