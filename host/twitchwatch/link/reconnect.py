"""Reconnection: one machine for each sensor, one for each adapter; tables without I/O, clock or Bluetooth.

Everything that moves a machine stands in its table; every pair of state and event has its entry, also where
nothing happens. The driver (`daemon`) feeds events and carries out the one action that comes back.
docs/reliability.md shows the tables as this file has them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import Enum
from typing import Generic, TypeVar

from twitchwatch.errors import DeviceReason

# A ring listens for 15 s at a rendezvous, so the first tries must follow each other quickly: a quarter of a
# second lets BlueZ's own clean-up of the failed attempt run first (bleak-retry-connector waits as long).
FIRST_PAUSE_S = 0.25
# None later than this: a ring that begins to listen right after a failure still gets a try within its 15 s.
LONGEST_PAUSE_S = 10.0
# Another connection of this computer is being set up (org.bluez.Error.InProgress): that takes about a second,
# and says nothing about the ring, so it does not lengthen the pauses.
BUSY_PAUSE_S = 1.0
# A ring that does not know this computer will not until somebody pairs them; a minute spares its battery.
STRANGER_PAUSE_S = 60.0
# An advertisement this old is still worth an attempt: a ring sends ten a second as long as it listens.
FRESH_S = 2.0
# A scan that brings nothing is begun anew. On Linux after three seconds: the kernel lets the controller drop
# what it has reported once in this scan (filter_duplicates; measured on BlueZ 5.66 with Linux 6.1), so a ring
# that comes back is only heard by the next one, and bluetoothd itself begins that after 10 s of scanning and
# 5 s of rest, while the ring's radio costs its battery. Elsewhere every advertisement is told; there it is
# for scans that end without a word, with a controller's state in a suspend or with the service behind it.
SCAN_RENEW_S = 3.0 if sys.platform == "linux" else 30.0


class State(Enum):
    """What is being done about one sensor."""

    AWAY = "away"
    CONNECTING = "connecting"
    MEETING = "meeting"
    PAUSING = "pausing"
    CABLED = "cabled"


class Event(Enum):
    """What can happen to one sensor."""

    HEARD = "it advertises"
    CONNECTED = "connected"
    FAILED = "the attempt failed"
    STALE = "the system remembers an older firmware"
    ENDED = "the meeting is complete"
    LOST = "the link is lost"
    PAUSE_OVER = "the pause is over"
    ADAPTER_LOST = "the adapter is gone or off"
    WOKE = "the computer slept"
    CABLE_IN = "met by cable"
    CABLE_OUT = "the cable is out"


class Action(Enum):
    """What the driver then does."""

    NOTHING = "nothing"
    CONNECT = "connect"
    HANG_UP = "hang up"
    PAUSE = "pause"
    FORGET = "forget its services, pause"
    SETTLED = "next pause is the first again"


def _row(state: State, **entries: tuple[State, Action]) -> dict[Event, tuple[State, Action]]:
    """One state's entries; events that are not named leave everything as it is."""
    named = {Event[name]: entry for name, entry in entries.items()}
    return {event: named.get(event, (state, Action.NOTHING)) for event in Event}


DEVICE: Mapping[State, Mapping[Event, tuple[State, Action]]] = {
    State.AWAY: _row(
        State.AWAY,
        HEARD=(State.CONNECTING, Action.CONNECT),
        CABLE_IN=(State.CABLED, Action.NOTHING),
    ),
    State.CONNECTING: _row(
        State.CONNECTING,
        CONNECTED=(State.MEETING, Action.NOTHING),
        FAILED=(State.PAUSING, Action.PAUSE),
        STALE=(State.PAUSING, Action.FORGET),
        LOST=(State.PAUSING, Action.PAUSE),
        ADAPTER_LOST=(State.AWAY, Action.HANG_UP),
        WOKE=(State.AWAY, Action.HANG_UP),
        CABLE_IN=(State.CABLED, Action.HANG_UP),
    ),
    State.MEETING: _row(
        State.MEETING,
        FAILED=(State.PAUSING, Action.PAUSE),
        ENDED=(State.AWAY, Action.SETTLED),
        LOST=(State.PAUSING, Action.PAUSE),
        ADAPTER_LOST=(State.AWAY, Action.HANG_UP),
        WOKE=(State.AWAY, Action.HANG_UP),
        CABLE_IN=(State.CABLED, Action.HANG_UP),
    ),
    State.PAUSING: _row(
        State.PAUSING,
        PAUSE_OVER=(State.AWAY, Action.NOTHING),
        ADAPTER_LOST=(State.AWAY, Action.NOTHING),
        WOKE=(State.AWAY, Action.SETTLED),
        CABLE_IN=(State.CABLED, Action.NOTHING),
    ),
    State.CABLED: _row(
        State.CABLED,
        CABLE_OUT=(State.AWAY, Action.SETTLED),
    ),
}


class ScanState(Enum):
    """What one adapter is doing."""

    STARTING = "starting"
    SCANNING = "scanning"
    HELD = "held"
    DOWN = "down"


class ScanEvent(Enum):
    """What can happen to one adapter."""

    STARTED = "it scans"
    FAILED = "it cannot scan"
    QUIET = "nothing heard for long"
    LOST = "it is gone or off"
    BACK = "it is there and on"
    WOKE = "the computer slept"
    PAUSE_OVER = "the pause is over"
    HOLD = "a connection is to be set up"
    RELEASE = "it is set up, or has failed"


class ScanAction(Enum):
    """What the driver then does."""

    NOTHING = "nothing"
    START = "start to scan"
    HOLD = "stop for now"
    STOP = "stop, and hang up what went over it"
    STOP_AND_PAUSE = "stop, hang up what went over it, pause"


def _scan_row(
    state: ScanState, **entries: tuple[ScanState, ScanAction]
) -> dict[ScanEvent, tuple[ScanState, ScanAction]]:
    named = {ScanEvent[name]: entry for name, entry in entries.items()}
    return {event: named.get(event, (state, ScanAction.NOTHING)) for event in ScanEvent}


SCAN: Mapping[ScanState, Mapping[ScanEvent, tuple[ScanState, ScanAction]]] = {
    ScanState.STARTING: _scan_row(
        ScanState.STARTING,
        STARTED=(ScanState.SCANNING, ScanAction.NOTHING),
        FAILED=(ScanState.DOWN, ScanAction.STOP_AND_PAUSE),
        LOST=(ScanState.DOWN, ScanAction.STOP),
        WOKE=(ScanState.STARTING, ScanAction.START),
        HOLD=(ScanState.HELD, ScanAction.HOLD),
    ),
    ScanState.SCANNING: _scan_row(
        ScanState.SCANNING,
        FAILED=(ScanState.DOWN, ScanAction.STOP_AND_PAUSE),
        QUIET=(ScanState.STARTING, ScanAction.START),
        LOST=(ScanState.DOWN, ScanAction.STOP),
        WOKE=(ScanState.STARTING, ScanAction.START),
        HOLD=(ScanState.HELD, ScanAction.HOLD),
    ),
    # While a scan runs BlueZ does not connect: it waits for an advertisement, which the controller holds back
    # as a duplicate.
    ScanState.HELD: _scan_row(
        ScanState.HELD,
        FAILED=(ScanState.DOWN, ScanAction.STOP_AND_PAUSE),
        LOST=(ScanState.DOWN, ScanAction.STOP),
        RELEASE=(ScanState.STARTING, ScanAction.START),
    ),
    ScanState.DOWN: _scan_row(
        ScanState.DOWN,
        BACK=(ScanState.STARTING, ScanAction.START),
        WOKE=(ScanState.STARTING, ScanAction.START),
        PAUSE_OVER=(ScanState.STARTING, ScanAction.START),
    ),
}

StateT = TypeVar("StateT", bound=Enum)
EventT = TypeVar("EventT", bound=Enum)
ActionT = TypeVar("ActionT", bound=Enum)


class Machine(Generic[StateT, EventT, ActionT]):
    """A state that moves through a table, and nowhere else."""

    def __init__(
        self, table: Mapping[StateT, Mapping[EventT, tuple[StateT, ActionT]]], state: StateT
    ) -> None:
        self._table = table
        self.state = state

    def feed(self, event: EventT) -> ActionT:
        """Move; give what is to be done."""
        self.state, action = self._table[self.state][event]
        return action


class Pauses:
    """How long to wait before the next try: doubling while tries fail, short again after a success."""

    def __init__(self) -> None:
        self._next_s = FIRST_PAUSE_S

    def settle(self) -> None:
        """It went well."""
        self._next_s = FIRST_PAUSE_S

    def after(self, reason: DeviceReason) -> float:
        """Seconds to wait after a failure for this reason."""
        if reason is DeviceReason.BUSY:
            return BUSY_PAUSE_S
        if reason is DeviceReason.NOT_PAIRED:
            return STRANGER_PAUSE_S
        pause_s = self._next_s
        self._next_s = min(pause_s * 2, LONGEST_PAUSE_S)
        return pause_s
