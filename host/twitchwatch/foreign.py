"""Text from outside, sanitised when it enters and again when it leaves.

It enters as bytes or rows of others: what a device advertises or sends, records, databases of older versions
(which cleaned nothing), words of a serial port. `one_line` and `lines` are for these. Texts of this program
are composed from them and from what others raise (libraries, the system, file names); therefore terminal, log
and notification pass everything through `harmless` again. JSON needs no gate: it is ASCII.
"""

from __future__ import annotations

import unicodedata

# An advertised name has at most 29 bytes, a GAP name 248 (Bluetooth Core, Vol 3, Part C, 12.1).
MAX_CHARACTERS = 248
# A crash record holds a traceback of 480 bytes (firmware/twitchband/guard.py).
MAX_TEXT_CHARACTERS = 2000
# Control (C0, C1, escapes), format (bidi overrides), surrogates, private, unassigned; ends of lines.
_HARMFUL = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_INSTEAD = "\N{REPLACEMENT CHARACTER}"
# They join emoji, and letters of some scripts; neither is written in ASCII.
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
# Emoji that this Python does not know yet: the blocks reserved for them (Unicode 16, emoji-data.txt).
_NEW_EMOJI = range(0x1F000, 0x1FB00)


def harmless(text: str) -> str:
    """The text with each harmful character replaced by U+FFFD; line ends and tabs are kept."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    for character in text:
        if character in _JOINERS:
            good = bool(kept) and not kept[-1].isascii() and kept[-1] not in _JOINERS
        elif character in "\n\t":
            good = True
        else:
            kind = unicodedata.category(character)
            good = kind not in _HARMFUL or (kind == "Cn" and ord(character) in _NEW_EMOJI)
        kept.append(character if good else _INSTEAD)
    return "".join(kept)


def one_line(text: str, limit: int = MAX_CHARACTERS) -> str:
    """The same on one line: line ends and tabs are replaced too, and long text is cut."""
    return harmless(text[:limit]).replace("\n", _INSTEAD).replace("\t", _INSTEAD)


def lines(text: str | bytes) -> str:
    """Lines from outside, such as a traceback: cut to MAX_TEXT_CHARACTERS; bytes are read as UTF-8."""
    if isinstance(text, bytes | memoryview | bytearray):
        text = bytes(text).decode(errors="replace")
    return harmless(text[:MAX_TEXT_CHARACTERS].replace("\r\n", "\n"))
