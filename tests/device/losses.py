"""Run by MicroPython: a full log says exactly which records it dropped; prints a line of JSON a case."""

import json

import vfs
from flash import Flash, blank, make, mount
from ledger import Ledger, expect, snippet

import twitchband.segments
from shared.protocol.records import FLASH_FULL, GAP, RECORDS, decode, split

SEGMENT_BYTES = 1024
SEGMENTS = 4


def held(ledger):
    records = []
    at = 0
    while at < ledger.log.next_seq:
        data, at = ledger.read(at)
        records.extend([decode(raw) for raw in split(data)[0]])
    return records


def case(acked_part):
    """A log of four segments takes forty records; a part of them has been acknowledged now and then."""
    flash = Flash(blank(16))
    make(flash)
    mount(flash, "/flash")
    ledger = Ledger("/flash/log", SEGMENTS * SEGMENT_BYTES)
    ledger.open()
    reported = []
    acked = 0
    for i in range(40):
        snippet(ledger, i)
        ledger.flush()
        records = held(ledger)
        for record in records:
            if record.type == GAP and record.seq not in [gap.seq for gap in reported]:
                expect(
                    (record.body.what, record.body.cause, record.body[4]) == (RECORDS, FLASH_FULL, 0), record
                )
                reported.append(record)
        if i % 11 == 10:
            acked = records[0].seq + int(acked_part * (ledger.log.next_seq - records[0].seq))
            ledger.trim(acked)
            expect(ledger.log.first_seq <= acked, "more than acknowledged is gone")
        lost = set(range(ledger.log.next_seq)) - {record.seq for record in records}
        given_up = set()
        for gap in reported:
            given_up |= set(range(gap.body.first, gap.body.first + gap.body.count))
        expect(given_up <= lost, "a gap tells of what is there")
        expect({seq for seq in lost if seq >= acked} <= given_up, "an untold loss")
        expect(acked == 0 or acked_part < 1 or not [s for s in given_up if s >= acked], "told what was safe")
    vfs.umount("/flash")
    return len(reported), len(given_up)


def main():
    twitchband.segments.SEGMENT_BYTES = SEGMENT_BYTES
    for acked_part in (0, 0.3, 0.7, 1):
        gaps, given_up = case(acked_part)
        print(json.dumps({"acked_part": acked_part, "gaps": gaps, "given_up": given_up}))


main()
