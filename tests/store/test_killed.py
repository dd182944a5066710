"""A daemon killed at any moment: what it acknowledged is there, once, and nothing else is half there."""

import random
import subprocess
import sys

from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store

KILLS = 10

WRITER = """
import sys
from pathlib import Path
from twitchwatch.shared.protocol import records as protocol
from twitchwatch.store import Store

store = Store.open(Path(sys.argv[1]))
ring = store.register("aa", 1, "ring", 0)
seq = store.held_seq(ring.id)
while True:
    window = [
        protocol.encode(protocol.SNIPPET, s, 1, s, (0,) * 6, s.to_bytes(4, "little") * 50)
        for s in range(seq, seq + 7)
    ]
    store.commit(ring.id, window, seq, seq + 7, 0, 1)
    seq += 7
    print(seq, flush=True)
"""


def test_sigkill_in_the_middle_of_commits(tmp_path):
    path = tmp_path / "records.db"
    chance = random.Random(20)
    acknowledged = 0
    for _ in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            env={"PYTHONPATH": ":".join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            for _ in range(chance.randrange(1, 30)):
                acknowledged = int(writer.stdout.readline())
            writer.kill()
            # What it had still said before it died was acknowledged as well.
            for line in writer.stdout:
                acknowledged = int(line)
        with Store.open(path) as store:
            (ring,) = store.devices()
            assert store.held_seq(ring.id) >= acknowledged
            kept = list(store.records(ring.id))
            assert [record.seq for record in kept] == list(range(store.held_seq(ring.id)))
            assert all(record.tail == record.seq.to_bytes(4, "little") * 50 for record in kept)
            assert store.missing(ring.id) == []
            assert store.status()[0].records == store.held_seq(ring.id)
    assert protocol.SNIPPET in store.status()[0].by_type
