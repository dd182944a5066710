"""Who may use the radio: sensors with a key or a proof always, all others in turn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from twitchwatch.errors import ConfigurationError
from twitchwatch.store.link_notes import KEPT_ADDRESSES

# The pause shared by unpaired devices doubles from first to longest. A ring listens for 15 s at a time;
# the pause must be long against an attempt to connect, during which nothing is received.
FIRST_UNPAIRED_PAUSE_S = 2.0
LONGEST_UNPAIRED_PAUSE_S = 120.0
# The key file is read again this often: a sensor paired a moment ago is exempt.
READ_KEYS_EVERY_S = 2.0
# An ESP32's Bluetooth address is its base address, which is the hardware id, with this added to the last
# byte, without a carry: 2 if the chip has four universal addresses (the default of every chip with Wi-Fi),
# 1 if it has two, 0 if it has no Wi-Fi (ESP-IDF, esp_read_mac in components/esp_hw_support/mac_addr.c, and
# port/*/Kconfig.mac beside it; the same in v5.2.2, v5.4.2, v5.5.1 and v5.5.2). The simulated radio has the
# base address itself.
BLUETOOTH_OFFSETS = (0, 1, 2)


class Admission:
    """One slot for all addresses that are neither paired nor proven, and a pause that they share.

    paired: the hardware ids for which there is a key. proven: the hardware id of the sensor that proved its
    key at each address, in chronological order. If the system hides addresses (macOS), a ring counts as an
    unpaired device until its first proof. Times are in seconds of the loop's clock.
    """

    def __init__(self, paired: Callable[[], Collection[str]], proven: Mapping[str, str]) -> None:
        self._paired = paired
        self._proven = dict(proven)
        self._known: frozenset[str] = frozenset()
        self._read_again_s = float("-inf")
        self._pause_s = FIRST_UNPAIRED_PAUSE_S
        self._next_s = float("-inf")
        self._inside: str | None = None

    def paired(self, address: str, now_s: float) -> bool:
        """Whether there is a key for this address. If the key file cannot be read, the last answer stands."""
        if now_s >= self._read_again_s:
            self._read_again_s = now_s + READ_KEYS_EVERY_S
            # The sync session reads the same file, and reports what is wrong with it.
            with suppress(ConfigurationError):
                paired = self._paired()
                derived = (address for hardware_id in paired for address in addresses(hardware_id))
                proven = (address for address, proof in self._proven.items() if proof in paired)
                self._known = frozenset((*derived, *proven))
        return address in self._known

    def prove(self, address: str, hardware_id: str) -> bool:
        """The sensor has proved its key at this address; returns whether to keep that for later runs."""
        if address in addresses(hardware_id) or self._proven.get(address) == hardware_id:
            return False
        self._proven.pop(address, None)
        self._proven[address] = hardware_id
        if len(self._proven) > KEPT_ADDRESSES:
            del self._proven[next(iter(self._proven))]
        return True

    def admit(self, address: str, now_s: float) -> bool:
        """Take the slot, if it is free and the pause is over."""
        if self._inside is not None or now_s < self._next_s:
            return False
        self._inside = address
        return True

    def ended(self, address: str, now_s: float, *, proven: bool) -> None:
        """The attempt with this address is over; only a proof makes the next pause short again."""
        if address != self._inside:
            return
        self._inside = None
        if proven:
            self._pause_s = FIRST_UNPAIRED_PAUSE_S
        else:
            self._next_s = now_s + self._pause_s
            self._pause_s = min(self._pause_s * 2, LONGEST_UNPAIRED_PAUSE_S)


def addresses(hardware_id: str) -> list[str]:
    """The Bluetooth addresses that a ring of this hardware id may have; none if it is not a MAC address."""
    try:
        base = bytes.fromhex(hardware_id.replace(":", ""))
    except ValueError:
        return []
    if len(base) != 6:
        return []
    # The last byte wraps, as it does in the chip.
    macs = [base[:-1] + bytes([(base[-1] + offset) % 256]) for offset in BLUETOOTH_OFFSETS]
    return [mac.hex(":").upper() for mac in macs]
