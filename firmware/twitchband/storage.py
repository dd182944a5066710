"""Opens the log; if the file system is unusable, its readable parts are saved first."""

import board

from shared.protocol.record_types import LOG_REFORMATTED
from twitchband.log import CORRUPT, FlashLog


def open_log(capacity_bytes: int, guard) -> FlashLog:  # type: ignore[no-untyped-def]
    """The log; its state shows whether the flash was formatted since the last boot record.

    Restarts the board after a rescue. Raises OSError if the flash cannot be formatted, and MemoryError if an
    unusable file system cannot be saved either; then it stays as it is.
    """
    marks = guard.marks
    usable = False
    if not marks.get("rescuing"):
        try:
            return _opened(capacity_bytes, marks)
        except OSError as error:
            usable = error.errno == CORRUPT
            print(f"The log is damaged (error {error.errno}): saving what is readable.")
    try:
        # Loaded where it is needed, which is hardly ever.
        from twitchband.rescue import rescue

        rescue(board.flash(), board.MOUNT, board.LOG_ROOT, marks)
    except MemoryError:
        if not usable:
            raise
        # No room to hold the program meanwhile: what is missing stays so, and the log goes on behind it.
        marks.set("reformatted", 1)
        return _opened(capacity_bytes, marks)
    if not marks.broken:
        guard.restart()
    # What says that the rescue is done may be in RAM alone: a restart would begin it again.
    return _opened(capacity_bytes, marks)


def reported(guard) -> None:  # type: ignore[no-untyped-def]
    """The boot record with that state is on flash."""
    guard.marks.set("reformatted", 0)


def _opened(capacity_bytes: int, marks) -> FlashLog:  # type: ignore[no-untyped-def]
    log = FlashLog(board.LOG_ROOT, capacity_bytes, board.random_u32, marks)
    if marks.get("reformatted"):
        log.state = LOG_REFORMATTED
    return log
