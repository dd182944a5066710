"""AES-CTR built from AES-ECB: stock builds of MicroPython have no counter mode."""

import micropython
from cryptolib import aes

_ECB = 1
_BLOCK_BYTES = 16
# A quarter of the longest frame: few calls, little memory.
_CHUNK_BYTES = 256


@micropython.viper
def _number(blocks: ptr8, first: int, count: int):  # type: ignore[no-untyped-def]  # noqa: F821
    """Write `first` and what follows into the last two bytes of each block."""
    at = 14
    for i in range(first, first + count):
        blocks[at] = i >> 8
        blocks[at + 1] = i
        at += 16


@micropython.viper
def _xor(data: ptr8, at: int, stream: ptr8, count: int):  # type: ignore[no-untyped-def]  # noqa: F821
    for i in range(count):
        data[at + i] = data[at + i] ^ stream[i]


def aes_ctr(key: bytes) -> "AesCtr":
    """The cipher with `key`, with the interface of shared/protocol/seal.py."""
    return AesCtr(key)


class AesCtr:
    """AES-128-CTR (NIST SP 800-38A): block i of frame n is n (u32), zeros, i, all big-endian."""

    def __init__(self, key: bytes) -> None:
        self._aes = aes(key, _ECB)
        self._blocks = bytearray(_CHUNK_BYTES)
        self._stream = bytearray(_CHUNK_BYTES)

    def __call__(self, counter: int, data: bytearray) -> None:
        """Encrypt or decrypt `data` in place. A counter must never be reused with the same key."""
        blocks = self._blocks
        head = counter.to_bytes(4, "big")
        for at in range(0, _CHUNK_BYTES, _BLOCK_BYTES):
            blocks[at : at + 4] = head
        for at in range(0, len(data), _CHUNK_BYTES):
            _number(blocks, at // _BLOCK_BYTES, _CHUNK_BYTES // _BLOCK_BYTES)
            self._aes.encrypt(blocks, self._stream)
            _xor(data, at, self._stream, min(_CHUNK_BYTES, len(data) - at))
