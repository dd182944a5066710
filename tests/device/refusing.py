"""Run by MicroPython: NVS and flash that refuse, are full or damaged, and what is kept meanwhile.

micropython refusing.py marks | flash
"""

import json
import os
import struct
import sys

_HERE = __file__.rsplit("/", 1)[0]
_MAX_NAME = 15


class Refusing:
    """The port's NVS (ports/esp32/esp32_nvs.c, v1.28.0), which may refuse: errors as its table has them."""

    kept = {}  # noqa: RUF012
    # The error of each call, by the first word of its name: open, get, set, erase, commit.
    errors = {}  # noqa: RUF012

    def __init__(self, space):
        self._fail("open")

    def get_i32(self, key):
        return self._get(key, int)

    def set_i32(self, key, value):
        self._set(key, value)

    def get_blob(self, key, buffer):
        data = self._get(key, bytes)
        if len(data) > len(buffer):
            raise OSError(-4364, "ESP_ERR_NVS_INVALID_LENGTH")
        buffer[: len(data)] = data
        return len(data)

    def set_blob(self, key, value):
        self._set(key, bytes(value))

    def erase_key(self, key):
        self._fail("erase")
        if key not in self.kept:
            raise OSError(-4354, "ESP_ERR_NVS_NOT_FOUND")
        del self.kept[key]

    def commit(self):
        self._fail("commit")

    def _get(self, key, kind):
        self._fail("get")
        if key not in self.kept:
            raise OSError(-4354, "ESP_ERR_NVS_NOT_FOUND")
        if not isinstance(self.kept[key], kind):
            raise OSError(-4355, "ESP_ERR_NVS_TYPE_MISMATCH")
        return self.kept[key]

    def _set(self, key, value):
        assert len(key) <= _MAX_NAME
        self._fail("set")
        if key in self.kept and not isinstance(self.kept[key], type(value)):
            raise OSError(-4355, "ESP_ERR_NVS_TYPE_MISMATCH")
        self.kept[key] = value

    def _fail(self, call):
        if call in self.errors:
            raise self.errors[call]


def marks():
    sys.modules["esp32"] = Refusing
    Refusing.NVS = Refusing
    from twitchband.marks import Marks

    reported = {}
    for name, errors in {
        "not there": {"open": OSError(-4353, "ESP_ERR_NVS_NOT_INITIALIZED")},
        "read only": {"set": OSError(-4356, "ESP_ERR_NVS_READ_ONLY"), "erase": OSError(-4356)},
        "full": {"set": OSError(-4357, "ESP_ERR_NVS_NOT_ENOUGH_SPACE")},
        "flash": {"set": OSError(-24577), "get": OSError(-24577), "erase": OSError(1), "commit": OSError(1)},
        "no memory": {"set": MemoryError(), "get": MemoryError(), "erase": MemoryError()},
    }.items():
        Refusing.kept = {"old": 7, "boot": 5}
        Refusing.errors = errors
        kept = Marks()
        kept.set("boot", 0xFFFFFFFF)
        kept.add("panics")
        kept.set_note(b"what happened")
        meanwhile = (kept.broken, kept.get("boot"), kept.get("panics"), kept.note())
        assert meanwhile == (True, 0xFFFFFFFF, 1, b"what happened"), (name, meanwhile)
        kept.mend()
        assert kept.broken
        # What cannot be replaced is not thrown away: the power may fail before it can be.
        assert Refusing.kept == {"old": 7, "boot": 5}, (name, Refusing.kept)
        Refusing.errors = {}
        kept.mend()
        again = Marks()
        after = (kept.broken, again.broken, again.get("boot"), again.get("panics"), again.note())
        assert after == (False, False, 0xFFFFFFFF, 1, b"what happened"), (name, after)
        reported[name] = Refusing.kept["panics"]
    # Something else under our names: a number that is a blob, a note that is a number or too long.
    Refusing.kept = {"boot": b"?", "note": 5}
    kept = Marks()
    assert (kept.get("boot"), kept.note()) == (0, b"")
    kept.set("boot", 3)
    kept.set_note(b"n")
    assert (Refusing.kept, kept.broken) == ({"boot": 3, "note": b"n"}, False)
    Refusing.kept = {"note": bytes(2000)}
    assert Marks().note() == b""
    kept.set_note(b"")
    kept.set_note(b"")
    assert not kept.broken
    print(json.dumps(reported))


def flash():
    """A flash that takes nothing for a while: what is in the log afterwards, and what its gaps say."""
    from ledger import FakeMarks, expect

    import twitchband.log
    from shared.protocol.records import BUFFER_FULL, EPOCH, EVENT, GAP, SNIPPET, decode, split
    from twitchband.waiting import HELD_BYTES

    class Clock:
        us = 0

        def now_us(self):
            return self.us

    clock = twitchband.log.DEVICE = Clock()
    for blocks, minutes, waveforms in ((24, 30, 10), (24, 100, 0), (24, 200, 300), (24, 600, 600)):
        volume = _mounted(blocks)
        log = twitchband.log.FlashLog("/flash/log", 1 << 20, lambda: 7, FakeMarks())
        log.append(EVENT, 0, (1, 2, 0, 0, 5, 80, 9000, 300, 0, 0, 255))
        log.flush()
        volume.refuses = True
        tries = volume.tries
        for i in range(max(minutes, waveforms)):
            clock.us += 60000000
            if i < minutes:
                log.append(
                    EPOCH, clock.us, (i, 60000) + (0,) * 10 + (1000, 0, 3900, 3300, 1, 0, 0) + (0,) * 8
                )
            if i < waveforms:
                log.append(SNIPPET, clock.us, (i, i, 104000, 122000, 64, 1), bytes(200))
            log.flush()
            held = log._waiting.held_bytes
            expect(held <= HELD_BYTES + 4096, "held", held)
            expect("rejects writes" in log.fault, log.fault)
            # Nothing that is not on flash is read out.
            expect(log.read(1, 1024) == (b"", 1), "read out")
        # Every twenty minutes at last.
        expect(volume.tries - tries < 40 + max(minutes, waveforms) // 4, "tries", volume.tries - tries)
        volume.refuses = False
        clock.us += 1300000000
        log.append(EVENT, clock.us, (1, 2, 0, 0, 6, 80, 9000, 300, 0, 0, 255))
        log.close()
        expect(log.fault == "", log.fault)
        records = []
        at = 0
        while at < log.next_seq:
            data, at = log.read(at, 1024)
            records.extend([decode(raw) for raw in split(data)[0]])
        seen = set()
        for record in records:
            if record.type == GAP:
                expect(record.body.cause == BUFFER_FULL, record.body)
                lost = range(record.body.first, record.body.first + record.body.count)
                seen |= set(lost)
            else:
                expect(record.seq not in seen, "twice", record.seq)
                seen.add(record.seq)
        expect(seen == set(range(log.next_seq)), "untold loss")
        kinds = [record.type for record in records]
        print(
            json.dumps(
                {
                    "minutes": minutes,
                    "epochs": kinds.count(EPOCH),
                    "waveforms": kinds.count(SNIPPET),
                    "gaps": kinds.count(GAP),
                }
            )
        )
        os.umount("/flash")
    _from_the_start(FakeMarks, twitchband.log, clock, expect)


def _from_the_start(marks, module, clock, expect):
    # A flash that takes nothing at the first start, when there is not even a folder.
    from shared.protocol.records import MARK

    volume = _mounted(24)
    volume.refuses = True
    log = module.FlashLog("/flash/log", 1 << 20, lambda: 7, marks())
    for _ in range(3):
        log.append(MARK, 0, (0,))
        log.flush()
    volume.refuses = False
    clock.us += 1300000000
    log.flush()
    log.close()
    size = sum([entry[3] for entry in os.ilistdir("/flash/log") if entry[0].endswith(".seg")])
    expect(size == 3 * (24 + struct.calcsize("<B")), size)
    print(json.dumps({"from_the_start": size}))
    os.umount("/flash")


def _mounted(blocks):
    from flash import FailingFlash, blank, make, mount

    volume = FailingFlash(blank(blocks))
    make(volume)
    mount(volume, "/flash")
    return volume


{"marks": marks, "flash": flash}[sys.argv[1]]()
