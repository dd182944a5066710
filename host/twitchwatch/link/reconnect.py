"""Reconnection: one machine for each sensor, one for each adapter; tables without I/O, clock or Bluetooth.

Everything that changes a machine's state is in its table; every pair of state and event has an entry, even
if nothing happens. The driver (`daemon`) feeds events and carries out the returned action.
docs/reliability.md shows these tables.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import Enum
from typing import Generic, TypeVar

from twitchwatch.errors import DeviceReason

# A ring listens for 15 s at a rendezvous, so the first attempts must follow each other quickly: a quarter of
# a second lets BlueZ's own clean-up of the failed attempt run first (bleak-retry-connector waits as long).
FIRST_PAUSE_S = 0.25
# No pause is longer: a ring that starts listening right after a failure still gets an attempt within its 15
# s.
LONGEST_PAUSE_S = 10.0
# Another connection of this computer is being set up (org.bluez.Error.InProgress): that takes about a second,
# and says nothing about the ring, so it does not lengthen the pauses.
BUSY_PAUSE_S = 1.0
# An unpaired ring stays unpaired until someone pairs it; a minute spares its battery.
UNPAIRED_PAUSE_S = 60.0
# The same address as a paired ring's, but no proof: the ring itself may be behind it, while a copy of its
# address answers. A ring listens for 15 s; several attempts must fit in.
CONTESTED_PAUSE_S = 1.0
# An advertisement this old is still worth an attempt: a ring sends ten a second while it listens.
FRESH_S = 2.0
# A scan without results is restarted. On Linux after three seconds: the kernel lets the controller drop what
# it has reported once in this scan (filter_duplicates; measured on BlueZ 5.66 with Linux 6.1), so only the
# next scan finds a ring that comes back, and bluetoothd itself starts that after 10 s of scanning and 5 s of
# rest, while the ring's radio drains its battery. Elsewhere every advertisement is reported; there the
# restart is for scans that end silently, with a controller's state in a suspend or with the service behind
# it.
SCAN_RENEW_S = 3.0 if sys.platform == "linux" else 30.0


class State(Enum):
    """What is being done about one sensor."""

    AWAY = "away"
    CONNECTING = "connecting"
    SYNCING = "syncing"
    PAUSING = "pausing"
    CABLED = "cabled"


class Event(Enum):
    """What can happen to one sensor."""

    HEARD = "it advertises"
    CONNECTED = "connected"
    FAILED = "the attempt failed"
    STALE = "the system remembers an older firmware"
    ENDED = "the sync session is complete"
    LOST = "the link is lost"
    PAUSE_OVER = "the pause is over"
    ADAPTER_LOST = "the adapter is gone or off"
    WOKE = "the computer slept"
    YIELD = "a paired sensor advertises, this one is unpaired"
    CABLE_IN = "it is on a cable"
    CABLE_OUT = "the cable is unplugged"


class Action(Enum):
    """What the driver then does."""

    NOTHING = "nothing"
    CONNECT = "connect"
    HANG_UP = "disconnect"
    PAUSE = "pause"
    FORGET = "forget its services, pause"
    SETTLED = "the next pause is short again"


StateT = TypeVar("StateT", bound=Enum)
EventT = TypeVar("EventT", bound=Enum)
ActionT = TypeVar("ActionT", bound=Enum)


def _whole(
    events: type[EventT], nothing: ActionT, named: Mapping[StateT, Mapping[EventT, tuple[StateT, ActionT]]]
) -> dict[StateT, dict[EventT, tuple[StateT, ActionT]]]:
    """The complete table: an event that is not listed for a state changes nothing."""
    return {
        state: {event: entries.get(event, (state, nothing)) for event in events}
        for state, entries in named.items()
    }


DEVICE: Mapping[State, Mapping[Event, tuple[State, Action]]] = _whole(
    Event,
    Action.NOTHING,
    {
        State.AWAY: {
            Event.HEARD: (State.CONNECTING, Action.CONNECT),
            Event.CABLE_IN: (State.CABLED, Action.NOTHING),
        },
        State.CONNECTING: {
            Event.CONNECTED: (State.SYNCING, Action.NOTHING),
            Event.FAILED: (State.PAUSING, Action.PAUSE),
            Event.STALE: (State.PAUSING, Action.FORGET),
            Event.LOST: (State.PAUSING, Action.PAUSE),
            Event.ADAPTER_LOST: (State.AWAY, Action.HANG_UP),
            Event.WOKE: (State.AWAY, Action.HANG_UP),
            Event.YIELD: (State.AWAY, Action.HANG_UP),
            Event.CABLE_IN: (State.CABLED, Action.HANG_UP),
        },
        State.SYNCING: {
            Event.FAILED: (State.PAUSING, Action.PAUSE),
            Event.ENDED: (State.AWAY, Action.SETTLED),
            Event.LOST: (State.PAUSING, Action.PAUSE),
            Event.ADAPTER_LOST: (State.AWAY, Action.HANG_UP),
            Event.WOKE: (State.AWAY, Action.HANG_UP),
            Event.CABLE_IN: (State.CABLED, Action.HANG_UP),
        },
        State.PAUSING: {
            Event.PAUSE_OVER: (State.AWAY, Action.NOTHING),
            Event.ADAPTER_LOST: (State.AWAY, Action.NOTHING),
            Event.WOKE: (State.AWAY, Action.SETTLED),
            Event.CABLE_IN: (State.CABLED, Action.NOTHING),
        },
        State.CABLED: {
            Event.CABLE_OUT: (State.AWAY, Action.SETTLED),
        },
    },
)


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
    QUIET = "nothing received for long"
    LOST = "it is gone or off"
    BACK = "it is back and on"
    WOKE = "the computer slept"
    PAUSE_OVER = "the pause is over"
    HOLD = "a connection is to be set up"
    RELEASE = "it is set up, or has failed"


class ScanAction(Enum):
    """What the driver then does."""

    NOTHING = "nothing"
    START = "start scanning"
    HOLD = "stop for now"
    STOP = "stop, drop its links"
    STOP_AND_PAUSE = "stop, drop its links, pause"


SCAN: Mapping[ScanState, Mapping[ScanEvent, tuple[ScanState, ScanAction]]] = _whole(
    ScanEvent,
    ScanAction.NOTHING,
    {
        ScanState.STARTING: {
            ScanEvent.STARTED: (ScanState.SCANNING, ScanAction.NOTHING),
            ScanEvent.FAILED: (ScanState.DOWN, ScanAction.STOP_AND_PAUSE),
            ScanEvent.LOST: (ScanState.DOWN, ScanAction.STOP),
            ScanEvent.WOKE: (ScanState.STARTING, ScanAction.START),
            ScanEvent.HOLD: (ScanState.HELD, ScanAction.HOLD),
        },
        ScanState.SCANNING: {
            ScanEvent.FAILED: (ScanState.DOWN, ScanAction.STOP_AND_PAUSE),
            ScanEvent.QUIET: (ScanState.STARTING, ScanAction.START),
            ScanEvent.LOST: (ScanState.DOWN, ScanAction.STOP),
            ScanEvent.WOKE: (ScanState.STARTING, ScanAction.START),
            ScanEvent.HOLD: (ScanState.HELD, ScanAction.HOLD),
        },
        # While a scan runs BlueZ does not connect: it waits for an advertisement, which the controller holds
        # back as a duplicate.
        ScanState.HELD: {
            ScanEvent.FAILED: (ScanState.DOWN, ScanAction.STOP_AND_PAUSE),
            ScanEvent.LOST: (ScanState.DOWN, ScanAction.STOP),
            ScanEvent.RELEASE: (ScanState.STARTING, ScanAction.START),
        },
        ScanState.DOWN: {
            ScanEvent.BACK: (ScanState.STARTING, ScanAction.START),
            ScanEvent.WOKE: (ScanState.STARTING, ScanAction.START),
            ScanEvent.PAUSE_OVER: (ScanState.STARTING, ScanAction.START),
        },
    },
)


class Machine(Generic[StateT, EventT, ActionT]):
    """A state that changes only through a table."""

    def __init__(
        self, table: Mapping[StateT, Mapping[EventT, tuple[StateT, ActionT]]], state: StateT
    ) -> None:
        self._table = table
        self.state = state

    def feed(self, event: EventT) -> ActionT:
        """Change the state; returns what to do."""
        self.state, action = self._table[self.state][event]
        return action


class Pauses:
    """The pause before the next attempt: doubling while attempts fail, short again after a success."""

    def __init__(self) -> None:
        self._next_s = FIRST_PAUSE_S

    def settle(self) -> None:
        """The attempt succeeded."""
        self._next_s = FIRST_PAUSE_S

    def after(self, reason: DeviceReason, *, contested: bool = False) -> float:
        """Seconds to wait after a failure for this reason; contested: see CONTESTED_PAUSE_S."""
        if reason is DeviceReason.BUSY:
            return BUSY_PAUSE_S
        if contested:
            return CONTESTED_PAUSE_S
        if reason is DeviceReason.NOT_PAIRED:
            return UNPAIRED_PAUSE_S
        pause_s = self._next_s
        self._next_s = min(pause_s * 2, LONGEST_PAUSE_S)
        return pause_s
