"""Frames: whatever comes in whatever pieces, only what was sent comes out."""

from __future__ import annotations

import pytest
from cobs import cobs
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocol.chance import Chance
from twitchwatch.shared.protocol import framing
from twitchwatch.shared.protocol.framing import MAX_PAYLOAD_BYTES, MAX_STUFFED_BYTES, FrameReader
from twitchwatch.shared.protocol.messages import FORMS, pack, unpack

pytestmark = pytest.mark.usefixtures("promptly")

# Runs of 254 and more without a zero are where COBS is easily wrong.
CHUNKY = st.lists(
    st.one_of(st.binary(max_size=30), st.integers(250, 260).map(lambda n: b"\x11" * n), st.just(b"\0\0")),
    max_size=8,
).map(b"".join)
FRAMES = st.tuples(st.integers(0, 255), st.binary(max_size=80))


@settings(max_examples=300)
@given(CHUNKY)
def test_cobs_agrees_with_the_reference(data: bytes) -> None:
    stuffed = framing.cobs_encode(data)
    assert stuffed == cobs.encode(data)
    assert 0 not in stuffed
    assert framing.cobs_decode(stuffed) == data


@pytest.mark.parametrize("size", [0, 1, 253, 254, 255, 256, 507, 508, 509, 1040])
@pytest.mark.parametrize("byte", [b"\0", b"\1", b"\xff"])
def test_cobs_at_its_block_borders(size: int, byte: bytes) -> None:
    data = byte * size
    assert framing.cobs_encode(data) == cobs.encode(data)
    assert framing.cobs_decode(cobs.encode(data)) == data


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=40), st.lists(st.integers(0, 6), max_size=20).map(bytes)))
def test_cobs_refuses_what_the_reference_refuses(data: bytes) -> None:
    try:
        expected = cobs.decode(data)
    except cobs.DecodeError:
        expected = None
    assert framing.cobs_decode(data) == expected


@given(st.integers(0, 255), st.binary(max_size=MAX_PAYLOAD_BYTES))
def test_a_frame_opens_to_what_was_closed(kind: int, payload: bytes) -> None:
    frame = framing.encode_frame(kind, payload)
    assert frame.index(0) == len(frame) - 1 <= MAX_STUFFED_BYTES
    assert framing.open_frame(frame[:-1]) == (kind, payload)


def test_the_largest_frame_passes_and_a_larger_is_refused() -> None:
    payload = b"\x11" * MAX_PAYLOAD_BYTES
    # With its zero, and nothing to spare: more would be memory that a stream of garbage takes.
    assert len(framing.encode_frame(1, payload)) == MAX_STUFFED_BYTES
    assert FrameReader().feed(framing.encode_frame(1, payload)) == [(1, payload)]
    with pytest.raises(ValueError, match=f"{MAX_PAYLOAD_BYTES + 1} bytes"):
        framing.encode_frame(1, payload + b"\x11")


def feed_in_pieces(reader: FrameReader, data: bytes, sizes: list[int]) -> list[tuple[int, bytes]]:
    frames = []
    at = turn = 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        frames.extend(reader.feed(data[at : at + size]))
        assert len(reader._part) <= MAX_STUFFED_BYTES
        at += size
        turn += 1
    return frames


SIZES = st.lists(st.integers(1, 300), min_size=1, max_size=8)


@given(st.lists(FRAMES, max_size=6), SIZES)
def test_any_pieces_give_the_same_frames(frames: list[tuple[int, bytes]], sizes: list[int]) -> None:
    stream = b"".join(framing.encode_frame(*frame) for frame in frames)
    reader = FrameReader()
    assert feed_in_pieces(reader, stream, sizes) == frames
    assert reader.damaged == 0


@settings(max_examples=200)
@given(st.lists(st.tuples(FRAMES, st.binary(min_size=1, max_size=1500)), max_size=5), SIZES)
def test_garbage_costs_at_most_the_frame_it_touches(
    parts: list[tuple[tuple[int, bytes], bytes]], sizes: list[int]
) -> None:
    stream = b""
    for frame, garbage in parts:
        # Garbage, closed by a zero, cannot reach into the frame that follows.
        stream += garbage + b"\0" + framing.encode_frame(*frame)
    assert feed_in_pieces(FrameReader(), stream, sizes) == [frame for frame, _ in parts]


@given(st.lists(FRAMES, min_size=2, max_size=5), st.integers(0), st.integers(1, 255), SIZES)
def test_one_wrong_byte_costs_at_most_two_frames(
    frames: list[tuple[int, bytes]], where: int, change: int, sizes: list[int]
) -> None:
    stream = bytearray(b"".join(framing.encode_frame(*frame) for frame in frames))
    stream[where % len(stream)] ^= change
    reader = FrameReader()
    got = feed_in_pieces(reader, bytes(stream), sizes)
    rest = iter(frames)
    assert all(frame in rest for frame in got), "a frame that was not sent, or in another order"
    assert len(frames) - 2 <= len(got) < len(frames)
    assert reader.damaged >= 1 or where % len(stream) == len(stream) - 1


def test_endless_bytes_without_a_zero_take_no_memory() -> None:
    reader = FrameReader()
    for _ in range(200):
        assert reader.feed(b"\x55" * 4096) == []
        assert len(reader._part) <= MAX_STUFFED_BYTES
    assert reader.feed(b"\0" + framing.encode_frame(3, b"after")) == [(3, b"after")]
    assert reader.damaged == 1


def test_a_half_frame_is_forgotten_with_its_connection() -> None:
    reader = FrameReader()
    reader.feed(framing.encode_frame(3, b"half")[:5])
    reader.reset()
    assert reader.feed(framing.encode_frame(3, b"whole")) == [(3, b"whole")]
    assert reader.damaged == 0


def test_empty_frames_are_silence_not_damage() -> None:
    reader = FrameReader()
    assert reader.feed(bytes(50)) == []
    assert reader.damaged == 0


def test_payloads_of_any_length_never_raise() -> None:
    chance = Chance(3)
    for kind in range(256):
        for length in range(48):
            message = unpack(kind, chance.take(length))
            layout = FORMS.get(kind)
            assert (message is None) == (
                layout is None or length < len(pack(kind, *([0] * (len(layout) - 1))))
            )
