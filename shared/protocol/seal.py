"""Sealed messages: encrypted, authenticated, and accepted once.

A sealed payload is counter (u32), ciphertext, tag. The ciphertext is message type and payload under AES-CTR
(NIST SP 800-38A), the tag HMAC-SHA256 over frame type, counter and ciphertext, cut to 16 bytes:
encrypt-then-MAC. Each direction has its own keys, and each session new ones, so a counter is never reused
under its key.
"""

import struct

from .keys import TAG_BYTES, Hmac, same

COUNTER_BYTES = 4
# The overhead of a message: counter, its type, tag.
SEAL_BYTES = COUNTER_BYTES + 1 + TAG_BYTES
LAST_COUNTER = 0xFFFFFFFF


class Sealer:
    """One direction's sending end. `crypt(counter, data)` runs AES-CTR over a bytearray, in place."""

    def __init__(self, kind: int, crypt, mac_key: bytes) -> None:  # type: ignore[no-untyped-def]
        self._kind = kind
        self._crypt = crypt
        self._mac = Hmac(mac_key)
        self._counter = 0

    @property
    def worn_out(self) -> bool:
        """Every counter has been used: the session must end."""
        return self._counter > LAST_COUNTER

    def seal(self, kind: int, *parts: bytes) -> bytes:
        """The sealed payload that carries one message."""
        message = bytearray(1)
        message[0] = kind
        for part in parts:
            message.extend(part)
        self._crypt(self._counter, message)
        head = struct.pack("<BI", self._kind, self._counter)
        self._counter += 1
        sealed = bytearray(head[1:])
        sealed.extend(message)
        sealed.extend(self._mac.digest(head, message)[:TAG_BYTES])
        return bytes(sealed)


class Opener:
    """One direction's receiving end: accepts rising counters, each once, with gaps for lost frames."""

    def __init__(self, kind: int, crypt, mac_key: bytes) -> None:  # type: ignore[no-untyped-def]
        self._kind = kind
        self._crypt = crypt
        self._mac = Hmac(mac_key)
        self._next = 0
        self.refused = 0

    def open(self, sealed: bytes) -> "tuple[int, bytes] | None":
        """Type and payload of the message, or None: forged, corrupted, repeated or out of order."""
        if len(sealed) < SEAL_BYTES:
            self.refused += 1
            return None
        (counter,) = struct.unpack_from("<I", sealed, 0)
        message = bytearray(sealed[COUNTER_BYTES:-TAG_BYTES])
        tag = self._mac.digest(struct.pack("<BI", self._kind, counter), message)
        if not same(tag[:TAG_BYTES], sealed[-TAG_BYTES:]) or counter < self._next:
            self.refused += 1
            return None
        self._next = counter + 1
        self._crypt(counter, message)
        return message[0], bytes(memoryview(message)[1:])
