"""The reconnection tables: complete, and each failure of the field has its way back."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.page import RELIABILITY
from tests.link.tables import TABLES, rendered
from twitchwatch.errors import DeviceReason
from twitchwatch.link.reconnect import (
    BUSY_PAUSE_S,
    CONTESTED_PAUSE_S,
    DEVICE,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    SCAN,
    UNPAIRED_PAUSE_S,
    Action,
    Event,
    Machine,
    Pauses,
    ScanAction,
    ScanEvent,
    ScanState,
    State,
)


def test_every_pair_has_its_entry() -> None:
    assert set(DEVICE) == set(State)
    assert all(set(row) == set(Event) for row in DEVICE.values())
    assert set(SCAN) == set(ScanState)
    assert all(set(row) == set(ScanEvent) for row in SCAN.values())


def walk(*events: Event) -> tuple[State, list[Action]]:
    machine: Machine[State, Event, Action] = Machine(DEVICE, State.AWAY)
    actions = [machine.feed(event) for event in events]
    return machine.state, [action for action in actions if action is not Action.NOTHING]


CALM = (Event.HEARD, Event.CONNECTED)


@pytest.mark.parametrize(
    ("events", "state", "actions"),
    [
        (CALM, State.SYNCING, [Action.CONNECT]),
        ((*CALM, Event.ENDED), State.AWAY, [Action.CONNECT, Action.SETTLED]),
        # It goes on advertising while an attempt is made, and after a failure.
        ((Event.HEARD, Event.HEARD), State.CONNECTING, [Action.CONNECT]),
        ((Event.HEARD, Event.FAILED, Event.HEARD), State.PAUSING, [Action.CONNECT, Action.PAUSE]),
        ((*CALM, Event.LOST, Event.PAUSE_OVER), State.AWAY, [Action.CONNECT, Action.PAUSE]),
        ((Event.HEARD, Event.STALE), State.PAUSING, [Action.CONNECT, Action.FORGET]),
        ((*CALM, Event.ADAPTER_LOST), State.AWAY, [Action.CONNECT, Action.HANG_UP]),
        ((Event.HEARD, Event.WOKE), State.AWAY, [Action.CONNECT, Action.HANG_UP]),
        ((*CALM, Event.CABLE_IN), State.CABLED, [Action.CONNECT, Action.HANG_UP]),
        ((*CALM, Event.CABLE_IN, Event.HEARD), State.CABLED, [Action.CONNECT, Action.HANG_UP]),
        ((Event.CABLE_IN, Event.CABLE_OUT, Event.HEARD), State.CONNECTING, [Action.SETTLED, Action.CONNECT]),
    ],
)
def test_the_ways_of_a_sensor(events: tuple[Event, ...], state: State, actions: list[Action]) -> None:
    assert walk(*events) == (state, actions)


@given(st.lists(st.sampled_from(list(Event))))
def test_a_sensor_has_one_connection_at_most_and_can_always_be_met_again(events: list[Event]) -> None:
    machine: Machine[State, Event, Action] = Machine(DEVICE, State.AWAY)
    connected = False
    for event in events:
        before = machine.state
        action = machine.feed(event)
        if action is Action.CONNECT:
            assert not connected
            connected = True
        # Every way out of a connection lets it go, unless it ended by itself.
        if before in (State.CONNECTING, State.SYNCING) and machine.state is not before:
            ended = event in (Event.FAILED, Event.STALE, Event.ENDED, Event.LOST)
            assert ended or action is Action.HANG_UP or machine.state is State.SYNCING
        connected = machine.state in (State.CONNECTING, State.SYNCING)
    for event in (Event.CABLE_OUT, Event.LOST, Event.PAUSE_OVER, Event.HEARD, Event.CONNECTED):
        machine.feed(event)
    assert machine.state is State.SYNCING


@given(st.lists(st.sampled_from(list(ScanEvent))))
def test_an_adapter_can_always_scan_again(events: list[ScanEvent]) -> None:
    machine: Machine[ScanState, ScanEvent, ScanAction] = Machine(SCAN, ScanState.DOWN)
    for event in events:
        machine.feed(event)
    for event in (ScanEvent.BACK, ScanEvent.RELEASE, ScanEvent.STARTED):
        machine.feed(event)
    assert machine.state is ScanState.SCANNING


@pytest.mark.parametrize(
    ("event", "state", "action"),
    [
        (ScanEvent.QUIET, ScanState.STARTING, ScanAction.START),
        (ScanEvent.WOKE, ScanState.STARTING, ScanAction.START),
        (ScanEvent.LOST, ScanState.DOWN, ScanAction.STOP),
        (ScanEvent.FAILED, ScanState.DOWN, ScanAction.STOP_AND_PAUSE),
        (ScanEvent.HOLD, ScanState.HELD, ScanAction.HOLD),
        (ScanEvent.BACK, ScanState.SCANNING, ScanAction.NOTHING),
    ],
)
def test_what_ends_a_scan(event: ScanEvent, state: ScanState, action: ScanAction) -> None:
    assert SCAN[ScanState.SCANNING][event] == (state, action)


def test_pauses_grow_to_their_longest_and_settle() -> None:
    pauses = Pauses()
    waited = [pauses.after(DeviceReason.NO_ANSWER) for _ in range(9)]
    assert waited[0] == FIRST_PAUSE_S
    assert waited[-1] == LONGEST_PAUSE_S
    assert all(after <= 2 * before for before, after in itertools.pairwise(waited))
    pauses.settle()
    # A busy adapter says nothing about the sensor; a refusal says it all.
    assert pauses.after(DeviceReason.BUSY) == BUSY_PAUSE_S
    assert pauses.after(DeviceReason.NOT_PAIRED) == UNPAIRED_PAUSE_S
    # At a paired ring's address the ring itself may come next, and is there for 15 s.
    assert pauses.after(DeviceReason.NOT_PAIRED, contested=True) == CONTESTED_PAUSE_S
    assert pauses.after(DeviceReason.NO_ANSWER) == FIRST_PAUSE_S


@pytest.mark.parametrize("name", TABLES)
def test_the_page_shows_the_tables_as_they_are(name: str) -> None:
    # Stale: `python -m tests.link.tables` writes them anew.
    page = RELIABILITY.read_text("utf-8")
    assert f"<!-- {name} -->\n{rendered(TABLES[name])}\n<!-- end {name} -->" in page
