"""The chip's only memory: the radio takes a part of it, and MicroPython as much as it needs over time.

Python's heap begins with a region of its own and grows by py/gc.c's gc_try_add_heap: after a collection that
did not help, by a region as large as all so far, or whatever largest block ESP-IDF still has. All sizes are a
board's: the Unix port's words are twice as long, and the simulator's own use is subtracted.
"""

import gc
import sys

import world
from chip import NAME, column
from faults import fault

# An allocation of this size has to find its place: a bout's waveform, a piece of a session, a module.
_REQUEST = 4096
# Of the heap, what is free in pieces too small for that.
_SCATTERED = 8
_DATA = 4
_EXEC = 1


class Blocks:
    """Free blocks of ESP-IDF's heap: the smallest that fits is taken, neighbours grow together again."""

    def __init__(self, sizes) -> None:  # type: ignore[no-untyped-def]
        self._free = []
        at = 0
        for size in sizes:
            self._free.append((at, size))
            # No two of them touch.
            at += size + 1
        self.total = self.lowest = self.free
        self.lowest_largest = self.largest

    @property
    def free(self) -> int:
        """Bytes."""
        return sum([size for _, size in self._free])

    @property
    def largest(self) -> int:
        """The longest piece that can be had."""
        return max([size for _, size in self._free] + [0])

    def take(self, size: int) -> "tuple[int, int] | None":
        """A piece, or None if none is so long."""
        best = None
        for block in self._free:
            if block[1] >= size and (best is None or block[1] < best[1]):
                best = block
        if best is None:
            return None
        self._free.remove(best)
        if best[1] > size:
            self._free.append((best[0] + size, best[1] - size))
        self.lowest = min(self.lowest, self.free)
        self.lowest_largest = min(self.lowest_largest, self.largest)
        return best[0], size

    def give(self, block: "tuple[int, int]") -> None:
        """Back again."""
        self._free.append(block)
        self._free.sort()
        merged = [self._free[0]]
        for at, size in self._free[1:]:
            before, length = merged[-1]
            if before + length == at:
                merged[-1] = (before, length + size)
            else:
                merged.append((at, size))
        self._free = merged


# Of the figures that were published for a chip the lower or the higher: docs/esp32-port.md.
_high = world.config.get("radio_takes") == "high"
_radio_bytes = column["ble.heap_bytes"][1 if _high else 0]
_piece_bytes = column["ble.largest_block_bytes"]
_free = column["idf_heap.free_at_boot"][0]
_largest = min(_free, column["idf_heap.largest_at_boot"][0])
idf = Blocks([_largest, _free - _largest] if _free > _largest else [_largest])
_radio = []  # type: ignore[var-annotated]
_regions = [column["heap_start_region_bytes"]]
_usable = column["heap_start_bytes"]
_own = 0


def begin() -> None:
    """The firmware starts: what is held now is the simulator's."""
    global _own
    gc.collect()
    _own = gc.mem_alloc()
    # Machine code lies in ESP-IDF's heap, on the classic chip in a part of it that holds no data.
    if NAME != "ESP32":
        idf.take(world.config.get("machine_code", 29400))
    sys.modules["gc"] = _Collector


def used() -> int:
    """Bytes that Python holds, garbage with them."""
    more = fault("heap")
    return max(0, gc.mem_alloc() - _own) // 2 + (0 if more is None else more["bytes"])


def look() -> None:
    """Grow, where what lives no longer fits. Call it after a collection."""
    global _usable
    growth = column["heap_growth"]
    while used() + _REQUEST > _usable - _usable // _SCATTERED:
        needed = _REQUEST + max(growth["slack"], _REQUEST * growth["slack_per_512"] // 512)
        largest = idf.largest
        if largest < needed:
            return
        size = min(largest, max(sum(_regions), needed))
        idf.take(size)
        _regions.append(size)
        # A quarter byte of table for a block of 16, an eighth for what has to be closed.
        _usable += size * 128 // 131 // 16 * 16


def radio(on: bool) -> bool:
    """Whether the radio finds what it needs; or give it back."""
    if not on:
        while _radio:
            idf.give(_radio.pop())
        return True
    gc.collect()
    look()
    left = _radio_bytes
    while left:
        piece = idf.take(min(left, _piece_bytes))
        if piece is None:
            radio(False)
            return False
        _radio.append(piece)
        left -= piece[1]
    return True


def regions(capability: int) -> "list[tuple[int, int, int, int]]":
    """As esp32.idf_heap_info has it: size, free, largest, the least ever free."""
    if capability not in (_DATA, _EXEC):
        return []
    return [(idf.total, idf.free, idf.largest, idf.lowest)]


class _Collector:
    """The board's `gc`."""

    enable, disable, isenabled, threshold = gc.enable, gc.disable, gc.isenabled, gc.threshold

    @staticmethod
    def collect() -> None:
        """Collect."""
        gc.collect()
        look()

    @staticmethod
    def mem_alloc() -> int:
        """Bytes in use."""
        return used()

    @staticmethod
    def mem_free() -> int:
        """Bytes free, with what the heap may still grow by (py/modgc.c)."""
        return max(0, _usable - used()) + idf.largest
