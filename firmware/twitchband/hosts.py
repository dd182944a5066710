"""The hosts that this device knows: their keys, written over the cable, and their watermarks."""

import json
import os
from binascii import crc32

from shared.protocol.keys import KEY_BYTES
from shared.protocol.watermarks import HOLD_PERCENT, Watermarks

MAX_HOSTS = 4
# A live link acknowledges all day; a power cut may take so much of that, and the host says it again.
_SAVE_S = 600


class Hosts:
    """`keys_path`: JSON, {host_id in 16 hex digits: key in 32}; `marks_path`: kept by this class.

    `log` is trimmed up to what every host has acknowledged; `clock_us()` is device time.
    """

    def __init__(self, keys_path: str, marks_path: str, log, clock_us) -> None:  # type: ignore[no-untyped-def]
        self._log = log
        self._path = marks_path
        self._clock_us = clock_us
        self._keys = _keys(_read(keys_path))
        kept = _read(marks_path, True)
        self._before_s = 0
        marks = {}
        # Another log's numbers mean nothing here.
        if kept.get("log_id") == log.log_id:
            self._before_s = kept["running_s"]
            for name, (seq, seen_s) in kept["hosts"].items():
                host_id = int(name, 16)
                if host_id in self._keys and seq <= log.next_seq:
                    marks[host_id] = (seq, seen_s)
        self._saved_s = self._now_s()
        self._changed = False
        for host_id in self._keys:
            if host_id not in marks:
                # Paired and not met yet: it is owed what is here.
                marks[host_id] = (log.first_seq, self._saved_s)
                self._changed = True
        self._marks = Watermarks(marks)
        self._trim()

    @property
    def paired(self) -> bool:
        """Whether any host has a key."""
        return bool(self._keys)

    def key(self, host_id: int) -> "bytes | None":
        """The pairing key of this host."""
        return self._keys.get(host_id)

    def acknowledge(self, host_id: int, upto_seq: int) -> None:
        """Host `host_id` has everything below `upto_seq` on its disk."""
        self._marks.acknowledge(host_id, upto_seq, self._now_s())
        self._changed = True
        self._trim()
        while self._log.held_percent > HOLD_PERCENT and self._marks.release(self._now_s()):
            self._trim()
        if self._now_s() - self._saved_s >= _SAVE_S:
            self.save()

    def save(self) -> None:
        """Write the marks to flash, if they have changed.

        If that fails nothing is lost: every host acknowledges again.
        """
        if not self._changed:
            return
        self._saved_s = self._now_s()
        hosts = {}
        for host_id, mark in self._marks.marks.items():
            hosts[f"{host_id:016x}"] = mark
        kept = {"log_id": self._log.log_id, "running_s": self._saved_s, "hosts": hosts}
        try:
            with open(self._path + ".new", "w") as file:
                file.write(_checked(json.dumps(kept)))
            os.rename(self._path + ".new", self._path)
        except OSError:
            return
        self._changed = False

    def _now_s(self) -> int:
        return self._before_s + self._clock_us() // 1000000

    def _trim(self) -> None:
        if self._marks.marks:
            self._log.trim(self._marks.hold_seq(self._now_s()), self._marks.reached_seq())


def _checked(text: str) -> str:
    # A mark that is too high would let go of records that no host has.
    return f"{crc32(text.encode()):08x}{text}"


def _read(path: str, checked: bool = False) -> dict:  # type: ignore[type-arg]
    try:
        with open(path) as file:
            text = file.read()
        if checked and text != _checked(text[8:]):
            return {}
        found = json.loads(text[8:] if checked else text)
    except (OSError, ValueError, RuntimeError, MemoryError):
        return {}
    return found if isinstance(found, dict) else {}


def _keys(stored: dict) -> "dict[int, bytes]":  # type: ignore[type-arg]
    keys = {}
    for name, text in stored.items():
        try:
            host_id, key = int(name, 16), bytes.fromhex(text)
        except (TypeError, ValueError):
            continue
        if len(key) == KEY_BYTES and len(keys) < MAX_HOSTS:
            keys[host_id] = key
    return keys
