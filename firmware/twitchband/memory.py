"""Free memory: Python's heap, and ESP-IDF's, which the radio uses."""

import gc

import esp32

_MAX = 0xFFFFFFFF
# The longest piece that the radio needs: 24 blocks of 320 bytes (ESP-IDF 5.5.2, bt/host/nimble/Kconfig.in).
_RADIO_PIECE_BYTES = 7680
_START_BYTES = 1024


class Memory:
    """Free bytes and the lowest since the last status; 0 before the first check."""

    def __init__(self) -> None:
        self.idf_free = self.idf_largest = self._radio_bytes = 0
        self.reported()

    def reported(self) -> None:
        """The status with these figures is in the log: the lowest values restart."""
        self.lowest = self.idf_lowest = self.idf_largest_lowest = _MAX

    def look(self) -> None:
        """Check Python's heap. Allocates nothing."""
        free = gc.mem_free()
        if free < self.lowest:
            self.lowest = free

    def look_at_idf(self) -> None:
        """Check ESP-IDF's heap: the sum of its regions, and the largest block of any."""
        free = largest = 0
        for region in esp32.idf_heap_info(esp32.HEAP_DATA):
            free += region[1]
            largest = max(largest, region[2])
        self.idf_free, self.idf_largest = free, largest
        self.idf_lowest = min(self.idf_lowest, free)
        self.idf_largest_lowest = min(self.idf_largest_lowest, largest)

    def idf_free_now(self) -> int:
        """Free bytes of ESP-IDF's heap; -1 if memory is too short to look."""
        try:
            self.look_at_idf()
        except MemoryError:
            return -1
        return self.idf_free

    def fits_radio(self) -> bool:
        """Whether the radio has the memory that it took before; without it, most releases reset the chip."""
        try:
            # What the start asks of Python's heap comes first: it may grow, into what the radio needs.
            room = bytearray(_START_BYTES)
            gc.collect()
            free = self.idf_free_now()
            del room
        except MemoryError:
            return False
        return free < 0 or (free >= self._radio_bytes and self.idf_largest >= _RADIO_PIECE_BYTES)

    def radio_gave(self, free_before: int) -> None:
        """It is off; before that this many bytes were free.

        The lowest value counts: Python's heap may return some of it in the meantime.
        """
        gave = self.idf_free_now() - free_before
        if free_before >= 0 and gave > 0:
            self._radio_bytes = min(self._radio_bytes or gave, gave)
