"""Records: what is written is what is read, whatever happens to the bytes between."""

from __future__ import annotations

import struct
from binascii import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twitchwatch.shared.protocol import records
from twitchwatch.shared.protocol.records import (
    HEADER_BYTES,
    MAX_RECORD_BYTES,
    OVERHEAD_BYTES,
    SCHEMAS,
    RecordError,
)

RANGES = {
    "B": (0, 255),
    "H": (0, 2**16 - 1),
    "h": (-(2**15), 2**15 - 1),
    "I": (0, 2**32 - 1),
    "Q": (0, 2**64 - 1),
}
U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)


def bodies(kind: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*(st.integers(*RANGES[letter]) for letter in SCHEMAS[kind][2][1:]))


@st.composite
def whole_records(draw: st.DrawFn, most_tail: int = 60) -> bytes:
    kind = draw(st.sampled_from(sorted(SCHEMAS)))
    return records.encode(
        kind, draw(U32), draw(U32), draw(U64), draw(bodies(kind)), draw(st.binary(max_size=most_tail))
    )


def sealed(kind: int, version: int, payload: bytes) -> bytes:
    head = struct.pack(records.HEADER, kind, version, OVERHEAD_BYTES + len(payload), 9, 2, 77)
    return head + payload + struct.pack("<I", crc32(head + payload))


@given(st.data(), st.sampled_from(sorted(SCHEMAS)), U32, U32, U64)
def test_what_is_encoded_is_decoded(
    data: st.DataObject, kind: int, seq: int, boot_id: int, time_us: int
) -> None:
    body = data.draw(bodies(kind))
    room = MAX_RECORD_BYTES - OVERHEAD_BYTES - struct.calcsize(SCHEMAS[kind][2])
    tail = data.draw(st.binary(max_size=room))
    raw = records.encode(kind, seq, boot_id, time_us, body, tail)
    record = records.decode(raw)
    assert record == (kind, SCHEMAS[kind][1], seq, boot_id, time_us, body, tail, raw)
    assert type(record.body) is SCHEMAS[kind][3]
    assert records.seq_at(raw, 0) == seq


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_the_largest_record_fits_and_one_byte_more_is_refused(kind: int) -> None:
    body = [0] * (len(SCHEMAS[kind][2]) - 1)
    room = MAX_RECORD_BYTES - OVERHEAD_BYTES - struct.calcsize(SCHEMAS[kind][2])
    assert len(records.encode(kind, 0, 0, 0, tuple(body), bytes(room))) == MAX_RECORD_BYTES
    with pytest.raises(RecordError):
        records.encode(kind, 0, 0, 0, tuple(body), bytes(room + 1))


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=200))
def test_types_and_versions_not_known_are_kept_whole(kind: int, version: int, payload: bytes) -> None:
    raw = sealed(kind, version, payload)
    if kind in SCHEMAS and version <= SCHEMAS[kind][1]:
        return
    record = records.decode(raw)
    assert record == (kind, version, 9, 2, 77, None, b"", raw)
    assert records.split(raw) == ([raw], 0)


@given(st.sampled_from(sorted(SCHEMAS)), st.data())
def test_a_sealed_record_too_short_for_its_fields_is_refused(kind: int, data: st.DataObject) -> None:
    short = data.draw(st.binary(max_size=struct.calcsize(SCHEMAS[kind][2]) - 1))
    with pytest.raises(RecordError):
        records.decode(sealed(kind, SCHEMAS[kind][1], short))


@given(st.binary(max_size=1200))
def test_random_bytes_are_no_record(data: bytes) -> None:
    with pytest.raises(RecordError):
        records.decode(data)


@given(whole_records(), st.integers(0), st.integers(0))
def test_a_record_cut_or_flipped_is_refused(raw: bytes, where: int, bit: int) -> None:
    at = where % len(raw)
    flipped = bytearray(raw)
    flipped[at] ^= 1 << bit % 8
    for bad in (bytes(flipped), raw[:at], raw + b"\0"):
        with pytest.raises(RecordError):
            records.decode(bad)


@st.composite
def damaged_logs(draw: st.DrawFn) -> tuple[list[bytes], bytes]:
    """Whole records with damage between and in some of them: those that must be found, and the bytes."""
    whole: list[bytes] = []
    data = b""
    for raw in draw(st.lists(whole_records(), max_size=6)):
        harm = draw(st.sampled_from(("none", "none", "flip", "cut", "junk", "gone")))
        at = draw(st.integers(0, len(raw) - 1))
        if harm == "flip":
            data += raw[:at] + bytes([raw[at] ^ draw(st.integers(1, 255))]) + raw[at + 1 :]
        elif harm == "cut":
            data += raw[:at]
        elif harm == "junk":
            data += draw(st.binary(max_size=40)) + raw
            whole.append(raw)
        elif harm == "none":
            data += raw
            whole.append(raw)
    return whole, data


@settings(max_examples=150)
@given(damaged_logs())
def test_split_finds_every_whole_record_and_nothing_else(log: tuple[list[bytes], bytes]) -> None:
    whole, data = log
    found, damaged = records.split(data)
    assert found == whole
    assert damaged == len(data) - sum(map(len, whole))


@given(st.binary(max_size=400), st.integers(-4, 500))
def test_seals_never_raise(data: bytes, at: int) -> None:
    assert records.sealed_length(data, max(0, at)) in range(MAX_RECORD_BYTES + 1)


def test_zeros_and_erased_flash_are_no_records() -> None:
    for empty in (bytes(4096), b"\xff" * 4096):
        assert records.split(empty) == ([], 4096)


def test_no_field_hides_in_padding() -> None:
    for _, _, form, body in SCHEMAS.values():
        assert form[0] == "<"
        assert len(form) - 1 == len(body._fields)
    assert struct.calcsize(records.HEADER) == HEADER_BYTES


@pytest.mark.parametrize(("kind", "version"), sorted(records.EARLIER))
def test_an_earlier_version_is_read_with_what_stands_for_the_fields_it_lacked(
    kind: int, version: int
) -> None:
    form, lacking = records.EARLIER[kind, version]
    values = tuple(range(1, len(form)))
    record = records.decode(sealed(kind, version, struct.pack(form, *values) + b"tail"))
    assert lacking
    assert len(values) + len(lacking) == len(SCHEMAS[kind][3]._fields)
    assert record.body == values + lacking
    assert record.tail == b"tail"


def test_an_earlier_status_claims_neither_a_pin_nor_a_share_of_time_awake() -> None:
    form, _ = records.EARLIER[records.STATUS, 1]
    body = records.decode(sealed(records.STATUS, 1, struct.pack(form, *range(10)))).body
    assert (body.awake_permille, body.dropped_pin) == (records.AWAKE_UNKNOWN, records.PIN_NONE)
    assert (body.early_wakes, body.brown_outs, body.idf_free, body.broken) == (0, 0, 0, 0)
