"""Memory over nights without a restart; the long run is `python -m bench.soak_device`."""

from __future__ import annotations

from bench.soak_device import MOST_GROWTH_BYTES, growth, soak


async def test_the_heap_stays_flat_over_nights(tmp_path):
    heap = await soak(6, 1.0, tmp_path)
    assert len(heap) == 6
    assert abs(growth(heap)) <= MOST_GROWTH_BYTES
