"""protocol.md says what the code does."""

from __future__ import annotations

from binascii import crc32

import pytest

from tests.protocol.tables import DOCUMENT, ENUMERATIONS, MESSAGE_NAMES, filled
from twitchwatch.shared.protocol import records
from twitchwatch.shared.protocol.device_states import DEVICE
from twitchwatch.shared.protocol.host_states import HOST


def test_the_tables_are_those_of_the_code() -> None:
    document = DOCUMENT.read_text()
    assert document == filled(document), "stale: run python -m tests.protocol.tables"


def test_every_code_of_an_enumeration_is_reported() -> None:
    reported = {name for _, names in ENUMERATIONS.values() for name in names}
    types = {name.upper() for name, *_ in records.SCHEMAS.values()}
    numbers = {name for name, value in vars(records).items() if name.isupper() and isinstance(value, int)}
    assert {n for n in numbers if not n.endswith("_BYTES")} == (reported | types) & numbers


def test_every_message_and_state_is_reported() -> None:
    document = DOCUMENT.read_text()
    for name in MESSAGE_NAMES.values():
        assert name in document
    for state in (*HOST, *DEVICE):
        assert f"  {state} --> " in document


@pytest.mark.parametrize("machine", [HOST, DEVICE])
def test_every_state_can_be_reached_and_every_move_ends_in_one(machine: dict[str, dict[str, str]]) -> None:
    reached = {next(iter(machine))}
    while more := {after for state in reached for after in machine[state].values()} - reached:
        reached |= more
    assert reached == set(machine)


def test_the_crc_is_the_one_that_is_named() -> None:
    # The check value of CRC-32/ISO-HDLC.
    assert crc32(b"123456789") == 0xCBF43926
