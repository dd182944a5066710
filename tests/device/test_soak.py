"""Memory over nights without a restart; the long run is `python -m bench.soak_device`."""

from __future__ import annotations

from bench.soak_device import MAX_GROWTH_BYTES, growth, soak


async def test_the_heap_stays_flat_over_nights_and_the_radio_always_starts(tmp_path):
    reported = await soak(6, 0.5, tmp_path)
    heap = [reported.heap[night] for night in sorted(reported.heap)]
    assert len(heap) == 6
    assert abs(growth(heap)) <= MAX_GROWTH_BYTES
    # One a minute.
    assert reported.sync_sessions >= 6 * 27
