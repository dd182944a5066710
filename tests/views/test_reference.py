"""A view is its own reference: every key says what it means, and its schema fits what is printed."""

import pytest

from twitchwatch.views.reference import VIEWS, names_of
from twitchwatch.views.shape import kinds, meanings, schema

ALL = sorted({view for views in VIEWS.values() for view in views}, key=lambda view: view.__name__)


@pytest.mark.parametrize("view", ALL, ids=lambda view: view.__name__)
def test_every_key_says_what_it_means(view):
    assert names_of(view)
    for key, meaning in meanings(view).items():
        assert meaning.strip(), key


@pytest.mark.parametrize("view", ALL, ids=lambda view: view.__name__)
def test_the_schema_has_the_keys_and_their_meanings(view):
    made = schema(view)
    keys = [key for key in made["properties"] if key != "kind"]
    assert keys == list(meanings(view))
    assert made["required"] == list(made["properties"])
    assert all(made["properties"][key]["description"] == meanings(view)[key] for key in keys)
    if kinds(view):
        assert made["properties"]["kind"] == {"enum": list(kinds(view))}


# One thing has one name: what each of these was called before schema version 2.
RETIRED = {
    "device": "sensor",
    "devices": "sensors",
    "date": "night",
    "flag": "finding",
    "told": "reported_kind, message",
    "taken_back_by": "resolved_when",
    "second_look": "waveform_check",
    "interval": "interval_low, interval_high",
    "least": "min",
    "greatest": "max",
    "unread_records": "unread",
    "sensor_works": "imu_works",
    "sensor_fault": "imu_fault",
}


@pytest.mark.parametrize("view", ALL, ids=lambda view: view.__name__)
def test_one_thing_has_one_name(view):
    assert not meanings(view).keys() & RETIRED.keys()
    assert not set(kinds(view)) & {"device", "flag", "trouble", "well"}
