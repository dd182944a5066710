"""A damaged database and a restored flash image, with the real daemon, firmware and radio protocol."""

from __future__ import annotations

import shutil

from tests.air.test_link import HOST_ID, House, house
from tests.damaging import damage
from twitchwatch.sim.ring import paired

__all__ = ["house"]


def raws(house: House) -> list[bytes]:
    return [record.raw for device in house.store.devices() for record in house.store.records(device.id)]


async def test_a_database_that_claims_more_than_it_has(house: House) -> None:
    async with house.ring(paired(house.keys, HOST_ID)):
        await house.until(lambda: len(raws(house)) > 4)
    before = raws(house)
    gap = len(before), 2**32 - 1 - len(before)
    damage(house.store.path, "INSERT INTO missing VALUES (1, ?, ?, 1, NULL)", *gap)
    damage(house.store.path, "UPDATE record SET seq = 2147483648 WHERE seq = 2")
    async with house.ring(None, settings=None):
        await house.until(lambda: len(set(raws(house))) > len(before) + 3)
    # Fetched again, and nothing that came later was taken for missing.
    assert house.store.missing(1) == []
    assert set(before) <= {record.raw for record in house.store.records(1, upto_seq=2**31)}


async def test_a_flash_image_is_restored(house: House) -> None:
    flash = house.folder / "flash.bin"
    async with house.ring(paired(house.keys, HOST_ID)):
        await house.until(lambda: len(raws(house)) > 4)
    # The whole chip, with its NVS.
    files = [flash, flash.with_name("flash.bin.nvs")]
    for file in files:
        shutil.copy(file, file.with_suffix(file.suffix + ".image"))
    async with house.ring(None, settings=None):
        count = len(raws(house))
        await house.until(lambda: len(raws(house)) > count + 4)
    before = raws(house)
    for file in files:
        shutil.copy(file.with_suffix(file.suffix + ".image"), file)
    async with house.ring(None, settings=None):
        await house.until(lambda: len(house.store.devices()) == 2)
    after = raws(house)
    assert set(before) < set(after)
    assert len(after) == len(set(after))
    first, second = house.store.devices()
    assert (second.hardware_id, second.log_id % 2**32) == (first.hardware_id, first.log_id)
