"""The device's half of the handshake: each side proves to the other that it has the pairing key.

The host sends a nonce; the device answers with its own and its proof; the host proves itself in turn. Proofs
are HMACs over both nonces and both identities under keys of this session, so that none can be reused.
"""

from .keys import NONCE_BYTES, TAG_BYTES, SessionKeys, context, proof, same, session_keys
from .messages import (
    CHALLENGE,
    DEVICE_SEALED,
    HOST_SEALED,
    PROTOCOL,
    pack,
)
from .seal import Opener, Sealer

# Two handshakes may fail without delay, as on a bad link. Further guesses are delayed, but never longer than
# this: the rightful host, which waits meanwhile, has at least 10 s (listen_s in settings.py) and needs three
# to find the device and to connect.
DELAYS_S = (0.0, 0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
# One failure expires in this time: from one rendezvous to the next, all of them.
FORGET_US = 60000000


class DeviceHandshake:
    """The device's end. `hosts.key(host_id)` returns a pairing key or None.

    `aes_ctr(key)` makes the cipher that seal.py needs; `random_bytes(count)` must never repeat.
    """

    def __init__(self, hosts, hardware_id: bytes, aes_ctr, random_bytes) -> None:  # type: ignore[no-untyped-def]
        self._hosts = hosts
        self._hardware_id = hardware_id
        self._aes_ctr = aes_ctr
        self._random_bytes = random_bytes
        self._keys: SessionKeys | None = None
        self._expected = b""
        self._failures = 0
        self._failed_us = 0
        self.sealer: Sealer | None = None
        self.opener: Opener | None = None

    def delay_us(self, now_us: int) -> int:
        """The delay of a handshake at device time `now_us`; each counts as failed until it succeeds."""
        failures = max(0, self._failures - (now_us - self._failed_us) // FORGET_US)
        self._failed_us = now_us
        self._failures = min(failures + 1, len(DELAYS_S) - 1)
        return int(DELAYS_S[failures] * 1000000)

    def challenge(self, host_id: int, nonce: bytes) -> bytes:
        """The answer to this host, or None if it is not paired."""
        self.close()
        key = self._hosts.key(host_id)
        if key is None:
            return b""
        own = self._random_bytes(NONCE_BYTES)
        agreed = context(PROTOCOL, host_id, self._hardware_id, nonce, own)
        self._keys = keys = session_keys(key, agreed)
        self._expected = proof(keys.host_proof, agreed)
        own_proof = proof(keys.device_proof, agreed)
        return b"".join((pack(CHALLENGE, PROTOCOL), own, own_proof, self._hardware_id))

    def admit(self, said: bytes) -> bool:
        """Whether this is the host's proof; then the session's seals are ready."""
        keys = self._keys
        if keys is None or not same(said[:TAG_BYTES], self._expected):
            self.close()
            return False
        self._keys = None
        self._failures = 0
        self.sealer = Sealer(DEVICE_SEALED, self._aes_ctr(keys.device_cipher), keys.device_mac)
        self.opener = Opener(HOST_SEALED, self._aes_ctr(keys.host_cipher), keys.host_mac)
        return True

    def admitted_by(self, said: bytes) -> bool:
        """Whether this proof is the one that opened the running session: its answer was lost."""
        return self.sealer is not None and same(said[:TAG_BYTES], self._expected)

    def close(self) -> None:
        """Discard session and challenge."""
        self._keys = None
        self._expected = b""
        self.sealer = self.opener = None
