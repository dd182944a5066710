"""Names from the air reach nobody with control characters in them."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from twitchwatch.foreign import MAX_CHARACTERS, one_line


@given(st.text(st.characters(codec=None)))
def test_whatever_comes_is_one_printable_line(text: str) -> None:
    clean = one_line(text)
    assert len(clean) <= MAX_CHARACTERS
    assert len(clean.splitlines()) <= 1
    assert not {unicodedata.category(character)[0] for character in clean} & {"C"}
    clean.encode()


def test_escapes_and_overrides_are_replaced_and_words_stay() -> None:
    assert one_line("Twitchband Zoë 戒指") == "Twitchband Zoë 戒指"
    assert one_line("a\x1b[31m\n\u202eb\x85") == "a\ufffd[31m\ufffd\ufffdb\ufffd"
    assert one_line("\ud800") == "\ufffd"
