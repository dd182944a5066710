"""Run by MicroPython: bits flipped in the NVS and in the settings of a ring that records and restarts.

    micropython flipping.py nvs FLIPS SEED | settings

The log is the real one on littlefs, with the real marks over a stand-in for NVS. What one flipped bit of NVS
does follows from ESP-IDF v5.2.2, components/nvs_flash/src (the same in v5.5.5):

* nvs_types.cpp, Item::calculateCrc32: each entry has a CRC of type, name and value, a blob one more of its
  data. nvs_page.cpp, Page::findItem erases what does not agree: the value is not found (`entry`).
* Page::load: a header that does not agree makes the page CORRUPT, and all in it is not found (`page`).
* nvs_storage.cpp, Storage::init: the namespace is an entry itself; with it all is not found (`space`). The
  same where nvs_flash_init fails and MicroPython formats (ports/esp32/main.c).
* Page::mLoadEntryTable: the table of the entries' states has no CRC. WRITTEN (2) becomes ERASED (0) or EMPTY
  (3): not found. ERASED becomes WRITTEN: a value of before is back (`back`).

Prints a line of JSON.
"""

import json
import os
import sys

import vfs
from dice import Dice
from flash import Flash, blank, make, mount
from ledger import Ledger, event, expect, snippet

POINT = "/flash"
ROOT = POINT + "/log"
BLOCKS = 40
CAPACITY = 4 * 32768
# nvs_page.hpp: entries of a page.
PAGE_ENTRIES = 126
# A ring is renewed after this many flips.
PER_RING = 20
KINDS = ("entry", "page", "space", "back")
# Numbers of restarts, which only NVS has.
COUNTERS = ("panics", "power_ons")


class Nvs:
    """ports/esp32/esp32_nvs.c, v1.28.0, and what a flipped bit leaves of it."""

    kept = {}  # noqa: RUF012
    # By name: the page that has it, and the values of before.
    pages = {}  # noqa: RUF012
    before = {}  # noqa: RUF012
    written = 0

    def __init__(self, space):
        pass

    def get_i32(self, key):
        if key not in self.kept:
            raise OSError(-4354, "ESP_ERR_NVS_NOT_FOUND")
        return self.kept[key]

    def set_i32(self, key, value):
        if key in self.kept:
            self.before.setdefault(key, []).append(self.kept[key])
        self.kept[key] = value
        self.pages[key] = Nvs.written // PAGE_ENTRIES
        Nvs.written += 1

    def get_blob(self, key, buffer):
        return self.get_i32(key)

    def commit(self):
        pass


def new_ring():
    Nvs.kept, Nvs.pages, Nvs.before, Nvs.written = {}, {}, {}, 0


def flip(dice):
    """Do what one flipped bit does; returns the kind."""
    names = sorted(Nvs.kept)
    kind = KINDS[dice.below(4)]
    name = names[dice.below(len(names))]
    if kind == "back":
        old = Nvs.before.get(name, ())
        if not old:
            kind = "entry"
        else:
            Nvs.kept[name] = old[dice.below(len(old))]
            return kind
    page = Nvs.pages[name]
    for one in names:
        if kind == "space" or one == name or (kind == "page" and Nvs.pages[one] == page):
            del Nvs.kept[one]
    return kind


def restart(ledger):
    """As boot does: a rescue where a mark says that one was cut off, then the log."""
    from twitchband.marks import Marks
    from twitchband.rescue import rescue

    ledger.marks = marks = Marks()
    if marks.get("rescuing"):
        rescue(ledger.flash, POINT, ROOT, marks)
    ledger.open()
    marks.set("reformatted", 0)
    for name in COUNTERS:
        marks.add(name)
    ledger.audit()
    return marks


def live(ledger, dice):
    """Records, some of them read and acknowledged."""
    for i in range(dice.below(30)):
        (snippet if i % 4 == 0 else event)(ledger, i)
        if dice.below(6) == 0:
            ledger.flush()
    if dice.below(3):
        ledger.flush()
        upto_seq = ledger.log.first_seq + dice.below(1 + ledger.log.waiting())
        ledger.read(upto_seq)
        ledger.trim(max(ledger.trimmed_upto, upto_seq - dice.below(20)))
    ledger.flush()
    ledger.log.close()


def ring(dice, counted):
    """A ring's life with PER_RING flips, each before a start."""
    from twitchband.rescue import rescue

    new_ring()
    flash = Flash(blank(BLOCKS))
    make(flash)
    mount(flash, POINT)
    ledger = Ledger(ROOT, CAPACITY)
    ledger.flash = flash
    marks = restart(ledger)
    live(ledger, dice)
    if dice.below(2):
        # Its file system was damaged once: the marks of a rescue are among the values of before.
        rescue(flash, POINT, ROOT, marks)
        restart(ledger)
        live(ledger, dice)
    for _ in range(PER_RING):
        counted[flip(dice)] += 1
        restart(ledger)
        live(ledger, dice)
    vfs.umount(POINT)


def nvs(flips, seed):
    sys.modules["esp32"] = Nvs
    Nvs.NVS = Nvs
    dice = Dice(seed)
    counted = dict.fromkeys(KINDS, 0)
    broken = []
    while sum(counted.values()) < flips:
        try:
            ring(dice, counted)
        except AssertionError as error:
            broken.append(str(error))
            vfs.umount(POINT)
    print(json.dumps({"flips": sum(counted.values()), "kinds": counted, "broken": broken}))


def settings():
    """Each bit of a file of settings: those of the file, or the defaults with a word; never others."""
    from twitchband import config

    flash = Flash(blank(8))
    make(flash)
    mount(flash, POINT)
    path = POINT + "/settings.json"
    changed = {"rendezvous_s": 900, "listen_s": 20, "log_kib": 512, "name": "left ring"}
    whole = config.store(path, changed)
    parameters = config.load_parameters(path)
    with open(path, "rb") as file:
        written = file.read()
    os.remove(path)
    defaults = config.load(path)
    expect(config.fault == "", "no file is no damage")
    said = 0
    for bit in range(len(written) * 8):
        flipped = bytearray(written)
        flipped[bit // 8] ^= 1 << bit % 8
        with open(path, "wb") as file:
            file.write(flipped)
        config.fault = ""
        found = config.load(path)
        expect(config.load_parameters(path) == parameters, "parameters", bit)
        if config.fault:
            expect(found == defaults, "bit", bit, "gives", found)
            said += 1
        else:
            expect(found == whole, "bit", bit, "gives", found, "without a word")
    config.store(path, {"listen_s": 20})
    expect(config.fault == "", "set again")
    vfs.umount(POINT)
    print(json.dumps({"bits": bit + 1, "said": said}))


if sys.argv[1] == "nvs":
    nvs(int(sys.argv[2]), int(sys.argv[3]))
else:
    settings()
