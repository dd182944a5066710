"""The host's AES-CTR, by `cryptography`."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR


def aes_ctr(key: bytes) -> Callable[[int, bytearray], None]:
    """AES-128-CTR (NIST SP 800-38A) in place: the first block of frame n is n (u32, big-endian) and zeros."""
    algorithm = AES(key)

    def crypt(counter: int, data: bytearray) -> None:
        data[:] = Cipher(algorithm, CTR(counter.to_bytes(4, "big") + bytes(12))).encryptor().update(data)

    return crypt
