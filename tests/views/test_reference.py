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
