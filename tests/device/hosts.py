"""Run by MicroPython: keys from the cable, watermarks over boots, and for whom the log is kept.

Prints what was seen.
"""

import json

import vfs
from flash import Flash, blank, make, mount

from shared.protocol.watermarks import PATIENCE_S
from twitchband.hosts import MAX_HOSTS, Hosts

KEYS = "/flash/twitchband.keys"
MARKS = "/flash/hosts"


class Log:
    """What Hosts asks of a log."""

    log_id = 7
    first_seq = 0
    next_seq = 1000
    held_percent = 10
    trimmed = (0, 0)

    def trim(self, upto_seq, safe_seq):
        self.trimmed = (upto_seq, safe_seq)
        self.first_seq = upto_seq


class Clock:
    now_us = 0

    def __call__(self):
        return self.now_us


def write_keys(*host_ids):
    with open(KEYS, "w") as file:
        json.dump({f"{host_id:016x}": bytes([host_id] * 16).hex() for host_id in host_ids}, file)


def boot(log):
    clock = Clock()
    return Hosts(KEYS, MARKS, log, clock), clock


flash = Flash(blank(16))
make(flash)
mount(flash, "/flash")
reported = {}

hosts, _ = boot(Log())
reported["no file"] = [hosts.paired, hosts.key(1)]
for text in ("", "[]", "{", '{"1": 5}', '{"1": "00"}', '{"x": "' + "00" * 16 + '"}'):
    with open(KEYS, "w") as file:
        file.write(text)
    hosts, _ = boot(Log())
    assert not hosts.paired, text
write_keys(*range(1, MAX_HOSTS + 3))
hosts, _ = boot(Log())
reported["most"] = sum([hosts.key(host_id) is not None for host_id in range(1, MAX_HOSTS + 3)])

# The slower of two holds the log, also over a boot.
write_keys(1, 2)
log = Log()
hosts, clock = boot(log)
reported["key"] = hosts.key(2).hex()
hosts.acknowledge(1, 500)
reported["one"] = log.trimmed
hosts.acknowledge(2, 300)
reported["two"] = log.trimmed
clock.now_us = 5000000
hosts.save()
log = Log()
hosts, clock = boot(log)
reported["after a boot"] = log.trimmed

# One that is not seen for two weeks of running time no longer does.
clock.now_us = (PATIENCE_S + 100) * 1000000
hosts.acknowledge(1, 600)
reported["alone"] = log.trimmed
hosts.acknowledge(2, 310)
reported["back"] = log.trimmed

# Nor does the slowest once half of the flash is taken.
log.held_percent = 60
hosts.acknowledge(1, 700)
reported["full"] = log.trimmed

# Another log has other numbers; a host whose key is gone is nobody.
hosts.save()
other = Log()
other.log_id = 8
boot(other)
reported["another log"] = other.trimmed
write_keys(1)
log = Log()
boot(log)
reported["forgotten"] = log.trimmed

# Marks that are nonsense are as good as none.
for text in ("", "[]", '{"log_id": 7, "running_s": 5, "hosts": 3}', '{"log_id": 7, "hosts": {"z": [1, 2]}}'):
    with open(MARKS, "w") as file:
        file.write(text)
    log = Log()
    boot(log)
    assert log.trimmed == (0, 0), text

# Nor is a mark believed in which a bit went wrong: it could be higher than what the host has.
write_keys(1, 2)
hosts, _ = boot(Log())
for host_id, upto_seq in ((1, 300), (2, 300)):
    hosts.acknowledge(host_id, upto_seq)
hosts.save()
with open(MARKS, "rb") as file:
    written = file.read()
highest = 0
for bit in range(len(written) * 8):
    flipped = bytearray(written)
    flipped[bit // 8] ^= 1 << bit % 8
    with open(MARKS, "wb") as file:
        file.write(flipped)
    log = Log()
    boot(log)
    highest = max(highest, *log.trimmed)
reported["flipped"] = [bit + 1, highest]

# A flash that takes nothing loses nothing.
hosts, clock = boot(Log())
hosts.acknowledge(1, 900)
vfs.umount("/flash")
hosts.save()
reported["ended"] = True
print(json.dumps(reported))
