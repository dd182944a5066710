"""The host's half of the handshake; see device_handshake.py."""

from .keys import NONCE_BYTES, TAG_BYTES, context, proof, same, session_keys
from .messages import (
    DEVICE_SEALED,
    HELLO,
    HOST_SEALED,
    NOT_PAIRED,
    OTHER_PROTOCOL,
    PROTOCOL,
    WRONG_PROOF,
    pack,
)
from .seal import Opener, Sealer

# Refused.reason
_REFUSALS = {
    0: ("the device does not know this session: it has restarted", False),
    OTHER_PROTOCOL: ("the device refuses: it speaks another protocol version", True),
    NOT_PAIRED: ("the device is not paired with this computer: pair the two by cable", True),
    WRONG_PROOF: ("the device does not accept this computer's key: pair the two by cable", True),
}


def refusal(reason: int) -> "tuple[str, bool]":
    """The meaning of a refusal, and whether retrying is useless."""
    return _REFUSALS.get(reason, _REFUSALS[0])


class HostHandshake:
    """One handshake, with a `nonce` of its own; `aes_ctr(key)` makes the cipher that seal.py needs."""

    def __init__(self, host_id: int, nonce: bytes, aes_ctr) -> None:  # type: ignore[no-untyped-def]
        self._host_id = host_id
        self._nonce = nonce
        self._aes_ctr = aes_ctr
        self.hardware_id = b""
        self.key_place = -1
        self.proof = b""
        self.sealer: Sealer | None = None
        self.opener: Opener | None = None

    def hello(self) -> bytes:
        """The payload of HELLO."""
        return pack(HELLO, PROTOCOL, self._host_id) + self._nonce

    def hear(self, said: bytes) -> bool:
        """Take what follows the version in a CHALLENGE; False if it is malformed."""
        if len(said) <= NONCE_BYTES + TAG_BYTES:
            return False
        self._device_nonce = said[:NONCE_BYTES]
        self._device_proof = said[NONCE_BYTES : NONCE_BYTES + TAG_BYTES]
        self.hardware_id = said[NONCE_BYTES + TAG_BYTES :]
        return True

    def objection(self, protocol: int, keys: "dict[str, list[bytes]]") -> str:
        """Why the device of that CHALLENGE is not accepted; empty if it is, as `prove` leaves it.

        keys: those to try, by hardware id.
        """
        if protocol != PROTOCOL:
            return f"the device speaks protocol {protocol}, this host {PROTOCOL}"
        try:
            hardware_id = self.hardware_id.decode()
        except UnicodeError:
            return "the device's id is not text"
        own = keys.get(hardware_id, [])
        if not own:
            return f"this computer has no key for {hardware_id}: pair the two by cable"
        if not self.prove(own):
            return f"{hardware_id} and this computer have different keys: pair the two by cable"
        return ""

    def prove(self, keys: "list[bytes] | tuple[bytes, ...]") -> bool:
        """Find the key by which the device proved itself; False if none of `keys` matches.

        Then `proof` is the payload of PROVE, `key_place` is the index of that key, and the seals are ready.
        """
        agreed = context(PROTOCOL, self._host_id, self.hardware_id, self._nonce, self._device_nonce)
        for place, key in enumerate(keys):
            made = session_keys(key, agreed)
            if same(proof(made.device_proof, agreed), self._device_proof):
                self.key_place = place
                self.proof = proof(made.host_proof, agreed)
                self.sealer = Sealer(HOST_SEALED, self._aes_ctr(made.host_cipher), made.host_mac)
                self.opener = Opener(DEVICE_SEALED, self._aes_ctr(made.device_cipher), made.device_mac)
                return True
        return False
