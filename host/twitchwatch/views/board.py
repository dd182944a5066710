"""The sensor's last report about its board, as an object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from twitchwatch.analysis.board_faults import restarts_counted
from twitchwatch.board.advice import advice
from twitchwatch.board.state import BoardState
from twitchwatch.clock.zone import iso
from twitchwatch.foreign import lines
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.views.nights import BROKEN, RESTARTS
from twitchwatch.views.shape import View

RESETS = {
    protocol.RESET_POWER_ON: "power on",
    protocol.RESET_HARD: "reset button",
    protocol.RESET_WATCHDOG: "watchdog",
    protocol.RESET_DEEP_SLEEP: "waking up after an empty battery",
    protocol.RESET_SOFT: "restart by the firmware",
    protocol.RESET_BROWN_OUT: "brown-out: the supply voltage dropped for a moment",
}
LOGS = {
    protocol.LOG_KEPT: "kept",
    protocol.LOG_NEW: "new",
    protocol.LOG_REPAIRED: "repaired",
    protocol.LOG_REFORMATTED: "reformatted",
}


@dataclass(frozen=True)
class BoardView(View):
    """The board."""

    boot_id: Annotated[int, "number of the sensor's start to which it belongs"]
    uptime_s: Annotated[int, "seconds since that start"]
    reset_cause: Annotated[str, "the cause of that start, in words"]
    battery_mv: Annotated[int | None, "the cell's voltage; null if it is not measured"]
    battery_low: Annotated[bool, "true: the board is about to switch itself off"]
    usb: Annotated[bool, "true: a computer is connected by cable"]
    unsynced: Annotated[bool, "true: its records have waited longer than the setting `unsynced_h` allows"]
    imu_works: Annotated[bool, "false: nothing is recorded"]
    imu_fault: Annotated[str | None, "what is wrong with the motion sensor, in words, or null"]
    memory_used_kib: Annotated[int, "the current size of its log"]
    memory_kib: Annotated[int, "the maximum size of its log"]
    memory_state: Annotated[
        str | None, "of the log at the last start: `kept`, `new`, `repaired`, `reformatted`, or null"
    ]
    handler_faults: Annotated[int, "exceptions caught in interrupt handlers since the start"]
    awake_percent: Annotated[
        float | None, "share of time awake since the previous status; 2 to 7 is normal; or null"
    ]
    early_wakes: Annotated[int | None, "light sleeps that ended early since the previous status, or null"]
    dropped_gpio: Annotated[
        int | None, "GPIO that no longer wakes the board, because it did so for no reason, or null"
    ]
    radio_failures: Annotated[int | None, "starts of the radio that failed, or null"]
    restarts: Annotated[
        dict[str, int] | None,
        f"null, or an object: restarts by cause, as far back as the board remembers: {RESTARTS}",
    ]
    restarts_recent: Annotated[
        dict[str, Any] | None, "null, or an object: the same for at most a week, with `since_utc`"
    ]
    free_heap_bytes: Annotated[
        int, "Python heap: free after a garbage collection, including the room into which it may still grow"
    ]
    heap_lowest_bytes: Annotated[int | None, "Python heap: minimum free since the previous status, or null"]
    idf_free_bytes: Annotated[
        int | None, "free memory outside the Python heap, which the radio needs, or null"
    ]
    idf_largest_block_bytes: Annotated[int | None, "its largest block, or null"]
    idf_free_lowest_bytes: Annotated[int | None, "minimum free since the previous status, or null"]
    idf_largest_block_lowest_bytes: Annotated[
        int | None, "minimum size of the largest block since then, or null"
    ]
    broken: Annotated[list[str], f"list of parts that do not work: {BROKEN}"]
    broken_recent: Annotated[
        dict[str, int] | None,
        "null, or an object: count of `reports` of the last day, and how many of them named each broken part",
    ]
    reported: Annotated[list[str], "list: the board's own descriptions of what is wrong"]
    last_crash: Annotated[
        dict[str, Any] | None,
        "null, or an object: `boot_id` of the start that reported it, `in_a_row`, `words`",
    ]
    advice: Annotated[
        list[dict[str, str]],
        "list of objects, the most urgent first: `urgency` (`now`: records are being "
        "lost, `soon`, `note`), `part`, `words`, `remedy`",
    ]


def board_view(state: BoardState) -> BoardView:
    """The sensor's last report."""
    body, boot, crash, recent = state.body, state.boot, state.crash, state.recent
    since = None if recent is None or recent.since_utc_us is None else iso(recent.since_utc_us)
    return BoardView(
        boot_id=state.status.boot_id,
        uptime_s=body.uptime_s,
        reset_cause=RESETS.get(body.reset_cause, "unknown"),
        battery_mv=state.battery_mv,
        battery_low=bool(body.flags & protocol.STATUS_BATTERY_LOW),
        usb=bool(body.flags & protocol.STATUS_USB),
        unsynced=bool(body.flags & protocol.STATUS_UNSYNCED),
        imu_works=body.sensor == protocol.SENSOR_WORKING,
        imu_fault=state.words_of(protocol.PART_SENSOR) or None,
        memory_used_kib=body.log_used_kib,
        memory_kib=body.log_kib,
        memory_state=None if boot is None else LOGS.get(boot.body.log_state, "unknown"),
        handler_faults=body.faults,
        awake_percent=state.awake_percent,
        early_wakes=body.early_wakes if state.detailed else None,
        dropped_gpio=state.dropped_gpio,
        radio_failures=body.radio_failures if state.detailed else None,
        restarts=restarts_counted(body) if state.detailed else None,
        restarts_recent=None
        if recent is None
        else {"since_utc": since, **{name: recent.counts.get(name, 0) for name in restarts_counted(body)}},
        free_heap_bytes=body.free_heap,
        heap_lowest_bytes=body.heap_lowest or None,
        idf_free_bytes=body.idf_free or None,
        idf_largest_block_bytes=body.idf_largest or None,
        idf_free_lowest_bytes=body.idf_free_lowest or None,
        idf_largest_block_lowest_bytes=body.idf_largest_lowest or None,
        broken=[part.name for part in state.broken],
        broken_recent=None
        if recent is None
        else {"reports": recent.reports} | dict(sorted(recent.broken.items())),
        reported=list(state.reported),
        last_crash=None
        if crash is None
        else {
            "boot_id": crash.boot_id,
            "in_a_row": crash.body.in_a_row,
            "words": lines(crash.tail).rstrip(),
        },
        advice=[
            {"urgency": one.urgency.value, "part": one.part, "words": one.words, "remedy": one.remedy}
            for one in advice(state)
        ],
    )
