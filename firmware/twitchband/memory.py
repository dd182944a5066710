"""How much memory is left: Python's heap, and ESP-IDF's, of which the radio lives."""

import gc

import esp32

_MOST = 0xFFFFFFFF


class Memory:
    """Free bytes and the lowest seen since the last status; 0 where nobody knows."""

    def __init__(self) -> None:
        self.idf_free = self.idf_largest = 0
        self.told()

    def told(self) -> None:
        """The status that says so is in the log: the lowest begin again."""
        self.lowest = self.idf_lowest = self.idf_largest_lowest = _MOST

    def look(self) -> None:
        """At Python's heap. Allocates nothing."""
        free = gc.mem_free()
        if free < self.lowest:
            self.lowest = free

    def look_at_idf(self) -> None:
        """At ESP-IDF's heap: the sum of its regions, and the largest piece of any."""
        info = getattr(esp32, "idf_heap_info", None)
        regions = info(esp32.HEAP_DATA) if info else ()
        free = largest = 0
        for region in regions:
            free += region[1]
            largest = max(largest, region[2])
        self.idf_free, self.idf_largest = free, largest
        self.idf_lowest = min(self.idf_lowest, free)
        self.idf_largest_lowest = min(self.idf_largest_lowest, largest)
