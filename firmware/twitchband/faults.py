"""Steps that may fail without stopping the following ones, and what failed, for the status record."""

from shared.protocol.record_types import PART_MEMORY


class Faults:
    """Parts that failed at any time since the last status: `parts` as bits, and words for each.

    `make_room`: drops expendable data if memory runs out.
    """

    def __init__(self, make_room) -> None:  # type: ignore[no-untyped-def]
        self._make_room = make_room
        self._words: dict[int, str] = {}

    @property
    def parts(self) -> int:
        """A PART of shared/protocol/record_types.py for each that was broken."""
        bits = 0
        for part in self._words:
            bits |= part
        return bits

    @property
    def words(self) -> str:
        """The latest fault of each; the sensor first."""
        return "; ".join([self._words[part] for part in sorted(self._words)])

    def note(self, part: int, words: str) -> None:
        """A part does not work; without words, it works."""
        if words:
            self._words[part] = words

    def reported(self) -> None:
        """The status with these faults is in the log. Parts still broken will be noted again."""
        self._words.clear()

    def attempt(self, part: int, step, *arguments):  # type: ignore[no-untyped-def]
        """Do this step and return its result; None if it failed."""
        try:
            return step(*arguments)
        except MemoryError:
            self._make_room()
            part, words = PART_MEMORY, "Out of memory"
        except Exception as error:  # noqa: BLE001
            words = f"{type(error).__name__} {error}"
        self.note(part, words)
        return None
