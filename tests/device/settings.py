"""Run by MicroPython: settings are stored whole or not at all, whatever they are and when the power fails.

Prints {"cuts", "refused"}.
"""

import json

import vfs
from flash import Flash, blank, make, mount, tear

from twitchband.config import LIMITS, NAME, load, store

PATH = "/flash/settings.json"
OLD = {"rendezvous_s": 300, "name": "left ring"}
NEW = {"rendezvous_s": 900, "listen_s": 20, "name": "right ring"}


def defaults():
    settings = {key: limits[0] for key, limits in LIMITS.items()}
    settings["name"] = NAME
    return settings


def whole(changes):
    settings = defaults()
    settings.update(changes)
    return settings


def power_cuts():
    """The settings of before or of after, at every write and erase, also torn."""
    flash = Flash(blank(8))
    make(flash)
    mount(flash, "/flash")
    assert store(PATH, OLD) == whole(OLD)
    seen = []
    state = {"cuts": 0}

    def before(flash, at, data):
        for torn in (False, True):
            image = bytearray(flash.image)
            if torn:
                tear(image, at, data)
            mount(Flash(image), "/cut")
            found = load("/cut/settings.json")
            vfs.umount("/cut")
            assert found in (whole(OLD), whole(NEW)), found
            seen.append(found == whole(NEW))
            state["cuts"] += 1

    flash.before = before
    assert store(PATH, NEW) == whole(NEW)
    flash.before = None
    # Once new, it stays new.
    assert seen == sorted(seen)
    vfs.umount("/flash")
    return state["cuts"]


def refused():
    """What is wrong is named, and changes nothing."""
    flash = Flash(blank(8))
    make(flash)
    mount(flash, "/flash")
    store(PATH, OLD)
    reported = []
    for changes in (
        {"rendezvous_s": 59},
        {"rendezvous_s": 3601},
        {"rendezvous_s": True},
        {"rendezvous_s": 600.0},
        {"rendezvous_s": "600"},
        {"listen_s": 20, "colour": 3},
        {"name": ""},
        {"name": "x" * 30},
        {"name": "\xe9" * 15},
        {"name": 7},
    ):
        try:
            store(PATH, changes)
            reported.append(None)
        except ValueError as error:
            reported.append([error.args[0], error.args[1]])
        assert load(PATH) == whole(OLD), changes
    assert store(PATH, {"rendezvous_s": None}) == whole({"name": "left ring"})
    with open(PATH, "w") as file:
        file.write('{"rendezvous_s": 300, "listen_s": "x", "name": 4, "log_kib": false}')
    assert load(PATH) == whole({"rendezvous_s": 300})
    for text in ("", "[1]", "{", "\xff"):
        with open(PATH, "w") as file:
            file.write(text)
        assert load(PATH) == defaults(), text
    vfs.umount("/flash")
    return reported


print(json.dumps({"cuts": power_cuts(), "refused": refused()}))
