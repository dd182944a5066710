"""HMAC, HKDF, and the keys of one session, made from the pairing key and both sides' fresh nonces."""

from collections import namedtuple
from hashlib import sha256

# AES-128, FIPS 197.
KEY_BYTES = 16
NONCE_BYTES = 16
# Half of SHA-256's output, the minimum that RFC 2104 section 5 recommends.
TAG_BYTES = 16
# SHA-256's block, FIPS 180-4.
_BLOCK_BYTES = 64
_HASH_BYTES = 32
_LABEL = b"twitchwatch link"

SessionKeys = namedtuple(
    "SessionKeys", ("host_cipher", "device_cipher", "host_mac", "device_mac", "host_proof", "device_proof")
)


class Hmac:
    """HMAC-SHA256 (RFC 2104) under one key; the padded keys are computed once."""

    def __init__(self, key: bytes) -> None:
        if len(key) > _BLOCK_BYTES:
            key = sha256(key).digest()
        padded = key + bytes(_BLOCK_BYTES - len(key))
        self._inner = bytes([byte ^ 0x36 for byte in padded])
        self._outer = bytes([byte ^ 0x5C for byte in padded])

    def digest(self, *parts: "bytes | bytearray") -> bytes:
        """The 32 bytes over all parts in sequence."""
        inner = sha256(self._inner)
        for part in parts:
            inner.update(part)
        outer = sha256(self._outer)
        outer.update(inner.digest())
        return outer.digest()


def same(one: bytes, other: bytes) -> bool:
    """Whether both are equal; the time taken does not depend on where they differ."""
    if len(one) != len(other):
        return False
    difference = 0
    for i in range(len(one)):
        difference |= one[i] ^ other[i]
    return difference == 0


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 (RFC 5869): `length` bytes, at most 255 * 32."""
    extracted = Hmac(Hmac(salt).digest(key))
    out = block = b""
    count = 0
    while len(out) < length:
        count += 1
        block = extracted.digest(block, info, bytes([count]))
        out += block
    return out[:length]


def context(protocol: int, host_id: int, hardware_id: bytes, host_nonce: bytes, device_nonce: bytes) -> bytes:
    """The context on which both sides must agree, to the byte: version, both identities, both nonces."""
    return b"".join(
        (
            _LABEL,
            bytes([protocol]),
            host_id.to_bytes(8, "little"),
            bytes([len(hardware_id)]),
            hardware_id,
            host_nonce,
            device_nonce,
        )
    )


def session_keys(key: bytes, agreed: bytes) -> SessionKeys:
    """Six independent keys from the pairing key and the context."""
    nonces = agreed[-2 * NONCE_BYTES :]
    made = hkdf(key, nonces, agreed, 2 * KEY_BYTES + 4 * _HASH_BYTES)
    macs = [made[at : at + _HASH_BYTES] for at in range(2 * KEY_BYTES, len(made), _HASH_BYTES)]
    return SessionKeys(made[:KEY_BYTES], made[KEY_BYTES : 2 * KEY_BYTES], *macs)


def proof(key: bytes, agreed: bytes) -> bytes:
    """The proof for this context, which only a holder of the pairing key can compute."""
    return Hmac(key).digest(agreed)[:TAG_BYTES]
