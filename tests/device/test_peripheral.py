"""What the board shows on the air: its advertisement, and services whose layout is frozen."""

from __future__ import annotations

import asyncio

import pytest
from bleak import BleakClient, BleakScanner
from hypothesis import given
from hypothesis import strategies as st

from twitchwatch import __version__
from twitchwatch.shared.protocol import advertisement as said
from twitchwatch.shared.protocol.service import SERVICE_UUID
from twitchwatch.sim.feed import write_samples
from twitchwatch.sim.night import modelled_night
from twitchwatch.sim.ring import worn

PATIENCE_S = 30
SIG = "0000{:04x}-0000-1000-8000-00805f9b34fb"
# Hosts remember it: another layout is another SERVICE_UUID.
FROZEN = [
    (
        "7c9e0001-5d1f-4b63-9a1e-52f0c3a8e4d1",
        [
            ("7c9e0002-5d1f-4b63-9a1e-52f0c3a8e4d1", {"write", "write-without-response"}),
            ("7c9e0003-5d1f-4b63-9a1e-52f0c3a8e4d1", {"notify"}),
        ],
    ),
    (SIG.format(0x180A), [(SIG.format(uuid), {"read"}) for uuid in (0x2A29, 0x2A24, 0x2A25, 0x2A26, 0x2A27)]),
    (SIG.format(0x180F), [(SIG.format(0x2A19), {"read", "notify"})]),
]


@pytest.fixture
def samples(tmp_path):
    path = tmp_path / "samples.i16"
    write_samples(path, modelled_night(5, hours=0.1).samples)
    return path


async def found(adapter, with_state=0):
    """The board, and what it says once these bits are there."""
    async with asyncio.timeout(PATIENCE_S):
        async with BleakScanner(service_uuids=[SERVICE_UUID], backend=adapter.Scanner) as scanner:
            async for device, seen in scanner.advertisement_data():
                state, _ = said.unpack(seen.manufacturer_data.get(said.COMPANY, b"")) or (0, 0)
                if seen.local_name and state & with_state == with_state:
                    return device, seen
    raise AssertionError


def wear(air, samples, tmp_path, **config):
    return worn(air, samples, [], flash=tmp_path / "flash", on_report=lambda _: None, **config)


async def test_a_host_sees_name_state_and_battery_without_connecting(air, samples, tmp_path):
    async with wear(air[0], samples, tmp_path, usb=True, settings={"name": "Ring of my left thumb, 29 b."}):
        # The cable is known by its frames, in the turns after the first.
        _, seen = await found(air[1], said.ADVERTISES_LIVE)
    assert seen.local_name == "Ring of my left thumb, 29 b."
    state, percent = said.unpack(seen.manufacturer_data[said.COMPANY])
    # Boot and status wait; 4.1 V.
    assert state == said.SOME_WAITS | said.ADVERTISES_LIVE
    assert 90 <= percent < 100


async def test_a_sensor_that_is_away_is_seen_from_afar(air, samples, tmp_path):
    async with wear(air[0], samples, tmp_path, found_us=1e12):
        _, seen = await found(air[1])
    state, _ = said.unpack(seen.manufacturer_data[said.COMPANY])
    assert state == said.SOME_WAITS | said.ADVERTISES_FAULT


async def test_the_services_are_the_frozen_ones_and_answer(air, samples, tmp_path):
    async with wear(air[0], samples, tmp_path, usb=True):
        device, _ = await found(air[1])
        async with BleakClient(device, timeout=10, backend=air[1].Client) as client:
            layout = [
                (service.uuid, [(one.uuid, set(one.properties)) for one in service.characteristics])
                for service in client.services
            ]
            texts = [await client.read_gatt_char(uuid) for uuid, _ in FROZEN[1][1]]
            (level,) = await client.read_gatt_char(SIG.format(0x2A19))
    assert layout == FROZEN
    assert [text.decode() for text in texts] == [
        "Twitchwatch",
        "Twitchband",
        "24:0A:C4:00:00:01",
        __version__,
        "ESP32C3",
    ]
    assert 90 <= level < 100


@given(st.integers(0, 2**32), st.booleans())
def test_what_waits_is_told_in_four_steps(records, urgent):
    step = said.waiting(records, urgent)
    if urgent:
        assert step == said.URGENT_WAITS
    else:
        assert (
            step == (said.NOTHING_WAITS, said.SOME_WAITS, said.MUCH_WAITS)[(records > 0) + (records >= 500)]
        )


@given(st.integers(0, 255), st.integers(0, 255), st.binary(max_size=8))
def test_what_is_packed_is_unpacked_also_by_older_hosts(state, percent, more):
    assert said.unpack(said.pack(state, percent) + more) == (state, percent)


@given(st.binary(max_size=2))
def test_foreign_data_is_no_state(data):
    assert said.unpack(data) is None
