"""Text that comes from outside, made harmless for a terminal, a log or a message."""

from __future__ import annotations

import unicodedata

# An advertised name has at most 29 bytes, a GAP name 248 (Bluetooth Core, Vol 3, Part C, 12.1).
MAX_CHARACTERS = 248
# Control (C0, C1, escapes), format (bidi overrides), surrogates, private, unassigned; ends of lines.
_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def one_line(text: str) -> str:
    """The text on one line: each harmful character becomes U+FFFD, and what is too long is cut."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in _HARMFUL else character
        for character in text[:MAX_CHARACTERS]
    )
