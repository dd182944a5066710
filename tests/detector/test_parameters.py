"""Every threshold has its reasons, and nothing that cannot be a value becomes one."""

from __future__ import annotations

import json

import pytest

from twitchwatch.sensor_settings import DEVICE_SETTINGS, PARAMETERS, SETTINGS, in_json
from twitchwatch.shared.detector import parameters
from twitchwatch.shared.detector.reasons import REASONS
from twitchwatch.shared.protocol import settings as device
from twitchwatch.shared.protocol.record_types import MAX_RECORD_BYTES, OVERHEAD_BYTES


def test_each_has_unit_reason_and_source() -> None:
    assert tuple(REASONS) == parameters.NAMES
    for setting in SETTINGS.values():
        assert setting.unit
        assert setting.reason
        assert setting.source
    assert len(SETTINGS) == len(DEVICE_SETTINGS) + len(PARAMETERS)


def test_each_default_lies_within_its_limits() -> None:
    for setting in SETTINGS.values():
        if setting.least is not None and setting.greatest is not None:
            assert isinstance(setting.default, int)
            assert setting.least <= setting.default <= setting.greatest


def test_the_longest_list_of_values_fits_a_record() -> None:
    """At boot and at each change the device logs them, and nothing may stop it from booting."""
    room = MAX_RECORD_BYTES - OVERHEAD_BYTES - 3
    assert len(json.dumps({row.name: row.greatest for row in PARAMETERS})) <= room
    longest = {row.name: row.greatest or "\\" * device.MAX_NAME_BYTES for row in DEVICE_SETTINGS}
    assert len(json.dumps(longest)) <= room


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("on_ratio", "60", "60"),
        ("rendezvous_s", "default", "null"),
        ("name", "left ring", '"left ring"'),
        ("name", "12", '"12"'),
    ],
)
def test_what_is_typed(name: str, text: str, expected: str) -> None:
    assert in_json(name, text) == expected


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("on_ratio", "39", "from 40 to 511"),
        ("on_ratio", "512", "from 40 to 511"),
        ("on_ratio", "1.5", "whole number"),
        ("on_ratio", "", "whole number"),
        # 1 g itself would be outside.
        ("gravity_least", "9000", "from 1 to 7377"),
        ("gravity_most", "8000", "from 9017 to 65535"),
        ("clip", "30000", "from 0 to 16384"),
        ("hold", "1", "from 104 to"),
        ("rendezvous_s", "59", "from 60 to 3600"),
        ("name", "", "text of 1 to 29 bytes"),
        ("name", "é" * 15, "text of 1 to 29 bytes"),
        ("colour", "3", "no setting"),
    ],
)
def test_what_cannot_be(name: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        in_json(name, text)


def test_a_table_with_changes() -> None:
    assert parameters.table({"hold": 300})[parameters.NAMES.index("hold")] == 300
    assert parameters.table() == parameters.table({})
    assert parameters.checksum(parameters.table()) != parameters.checksum(parameters.table({"hold": 300}))
