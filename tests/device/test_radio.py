"""Radio and rendezvous over a Bluetooth stack that fails: nothing raises, and they heal when it does."""

from __future__ import annotations

from itertools import pairwise

# A minute after the first failure, twice as long after each further one, an hour at most.
RESTS_S = [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_a_start_that_fails_is_tried_again_ever_more_rarely(device):
    cases = device("radio.py", "starts")
    assert len(cases) == 7 * 7
    for reported in cases:
        what = reported["what"]
        tried = reported["tried"]
        assert [after - before for before, after in pairwise(tried)] == RESTS_S, what
        assert reported["failures"] == len(tried), what
        assert reported["fault"].startswith("Bluetooth fails: "), what
        # A radio that failed half way is not left on.
        assert reported["off"], what
        # The mark stands while the start may reset the chip, and only then.
        assert reported["marks"] == [0, [1, 0]], what
        assert reported["healed"] == ["", True], what


def test_a_radio_that_fails_in_a_meeting_comes_back(device):
    cases = device("radio.py", "meetings")
    assert len(cases) == 4 * 7
    for reported in cases:
        assert reported["healed"], reported["what"]
        name, _, error = reported["what"].partition(" ")
        # No room for a notification, or a link that is just being lost, is no failure of the radio.
        ordinary = error.startswith("OSError") and name in ("gatts_notify", "gatts_write")
        assert (reported["failed"] == 0) == ordinary, reported["what"]


def test_a_link_that_never_ends_is_ended_with_the_radio(device):
    cases = device("radio.py", "endings")
    assert len(cases) == 2 + 7
    for reported in cases:
        # Silent for a minute, hung up, and ten seconds later the radio is off and on again.
        assert 70 <= reported["after_s"] <= 75, reported["what"]
        assert reported["fault"] == "Bluetooth fails: a link did not end"
        # The next link that ends shows that the radio works.
        assert reported["healed"] == [True, ""], reported["what"]


def test_a_radio_that_cannot_be_switched_off_meets_again(device):
    cases = device("radio.py", "stops")
    assert len(cases) == 7
    for reported in cases:
        assert not reported["on"]
        assert reported["fault"]
        assert reported["begun_s"] == [601, 1201], reported["what"]
        assert reported["fault then"] == ""


def test_a_radio_without_memory_is_not_tried_because_its_start_may_reset_the_chip(device):
    for reported in device("radio.py", "starved"):
        enough = reported["free"] >= 32560 and reported["largest"] >= 7680
        assert reported["starved"] is not enough
        assert reported["met"] == (6 if enough else 0), reported
        assert ("too little memory" in reported["fault"]) is not enough
        # To look costs nothing: it is no failure, and is done every ten minutes.
        assert reported["failures"] == 0
        assert reported["healed"] == [True, "", False], reported


def test_a_start_that_reset_the_chip_is_tried_again_soon_once_and_then_rarely(device):
    cases = device("radio.py", "killed")
    assert [reported["tried"] for reported in cases] == [120, 480, 1920, 3600, 3600]
    for reported in cases:
        assert reported["left"] == 0
        assert reported["faults"] == ["Bluetooth fails: its start reset the chip", ""]


def test_the_handler_survives_every_event_and_allocates_nothing(device):
    (reported,) = device("radio.py", "events")
    # A connection without its number, an MTU that is not a number; any other event is none of its business.
    assert {number for number, _ in reported["caught"]} == {1, 21}
    assert len(reported["caught"]) == 8
    assert reported["locked"] == 0
    assert reported["healed"]


def test_whatever_the_stack_does_nothing_raises(device):
    (reported,) = device("radio.py", "hostile")
    assert reported["healed"]
    assert reported["meetings"] > 50
    assert reported["failures"] > 10
    assert reported["caught"] > 100
