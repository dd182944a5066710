"""Add the golden vectors that are not there yet. What is written stays: other bytes are a new version.

Usage: python -m tests.protocol.write_vectors
"""

from __future__ import annotations

import json
import struct
from binascii import crc32
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.protocol.tables import MESSAGE_NAMES
from tests.protocol.vector_check import FILES, encoded_message, encoded_record, load, read
from twitchwatch.shared.protocol import messages, records
from twitchwatch.shared.protocol.framing import encode_frame

ROOT = Path(__file__).parents[2]
LIMITS = {
    "B": (0, 2**8 - 1),
    "H": (0, 2**16 - 1),
    "h": (-(2**15), 2**15 - 1),
    "I": (0, 2**32 - 1),
    "Q": (0, 2**64 - 1),
}

Case = dict[str, Any]

TYPICAL = {
    records.EVENT: (records.TWITCH, 2, 0, 0, 123456, 67, 18300, 420, 900, 48, 212),
    records.TREMOR: (9000, 12400, 4530, 310, 22000, 61000, 56, 0, 3200),
    records.EPOCH: (
        *(6240, 50000, 1500, 0, 500, 380, 0, 4, 0, 0, 1, -12, 998, 71, 3912, 3140, records.WORN),
        *(8000, records.INPUT_STUCK | records.INPUT_LOST, 4, 2, 7, 0, 1, 3, 161, 47300),
    ),
    records.SNIPPET: (41, 123440, 104000, 122000, 64, 1),
    records.BOOT: (0, 1, 0, 1, 1, records.LOG_KEPT, 1, 0x1234ABCD, 104000, 122000, 98304, 600),
    records.GAP: (records.SAMPLES, records.FIFO_OVERFLOW, 5000, 682, 6558),
    records.MARK: (1,),
    records.ANCHOR: (1_750_000_000_000_000, 20000),
    records.STATUS: (
        *(28800, 61440, 214, 3870, 96, 1024, 0, records.RESET_WATCHDOG, 0, records.STATUS_USB),
        *(31, 412, 5, 2, 1, 3, 4, 5, 6, 40960, 71680, 45056, 65536, 32768),
        records.PART_WATERMARK | records.PART_RADIO,
    ),
    records.CRASH: (2,),
    records.SETTINGS: (records.DETECTOR_PARAMETERS, 1),
}


def record_cases() -> list[Case]:
    cases = []
    for kind, (name, version, form, _) in records.SCHEMAS.items():
        called = name if version == 1 else f"{name} {version}"
        least = [LIMITS[letter][0] for letter in form[1:]]
        most = [LIMITS[letter][1] for letter in form[1:]]
        room = records.MAX_RECORD_BYTES - records.OVERHEAD_BYTES - struct.calcsize(form)
        for label, head, body, tail in (
            ("least", (0, 0, 0), least, b""),
            ("most", (2**32 - 1, 2**32 - 1, 2**64 - 1), most, b""),
            ("typical", (1000 + kind, 3, 3_600_000_000), list(TYPICAL[kind]), b""),
            ("with a tail", (2000 + kind, 3, 3_600_000_000), list(TYPICAL[kind]), bytes(range(12))),
            ("longest", (3000 + kind, 3, 1), list(TYPICAL[kind]), bytes(i * 7 & 255 for i in range(room))),
        ):
            seq, boot_id, time_us = head
            case = {
                "name": f"{called}, {label}",
                "type": kind,
                "seq": seq,
                "boot_id": boot_id,
                "time_us": time_us,
            }
            case |= {"body": body, "tail": tail.hex()}
            cases.append(case | {"raw": encoded_record(case).hex()})
    return cases


def message_cases() -> list[Case]:
    cases = []
    tails = {
        messages.WELCOME: b"24ec4a0011aaring",
        messages.RECORDS: bytes.fromhex(load(ROOT, "records")[2]["raw"]),
    }
    for kind, form in messages.FORMS.items():
        name = MESSAGE_NAMES[kind].lower()
        for label, end in (("least", 0), ("most", 1)):
            case = {
                "name": f"{name}, {label}",
                "type": kind,
                "fields": [LIMITS[letter][end] for letter in form[1:]],
            }
            case["tail"] = tails.get(kind, b"").hex() if end else ""
            cases.append(case | {"frame": encoded_message(case).hex()})
    return cases


def resealed(raw: bytes, at: int, value: int) -> bytes:
    """`raw` with one byte changed and its CRC made right again."""
    body = raw[:at] + bytes([value]) + raw[at + 1 : -records.CRC_BYTES]
    return body + struct.pack("<I", crc32(body))


def damaged_cases() -> list[Case]:
    typical = {case["name"]: bytes.fromhex(case["raw"]) for case in load(ROOT, "records")}
    event, tremor, epoch = (typical[f"{name}, typical"] for name in ("event", "tremor", "epoch"))
    ping = encode_frame(messages.PING, messages.pack(messages.PING, 7))
    ack = encode_frame(messages.ACK, messages.pack(messages.ACK, 7))
    flipped = tremor[:30] + bytes([tremor[30] ^ 1]) + tremor[31:]
    wanted = {
        "decode": {
            "a whole record": event,
            "nothing": b"",
            "one byte short": event[:-1],
            "one byte too many": event + b"\0",
            "a bit flipped": flipped,
            "an unknown type": resealed(event, 0, 200),
            "a newer version": resealed(event, 1, 2),
            "too short for its fields": resealed(bytes.fromhex(record_cases()[30]["raw"]), 0, records.EPOCH),
        },
        "split": {
            "three whole": event + tremor + epoch,
            "the middle one damaged": event + flipped + epoch,
            "cut at the end": event + tremor + epoch[:-5],
            "cut at the start": event[9:] + tremor + epoch,
            "zeros between": event + bytes(64) + tremor,
            "erased flash behind": event + b"\xff" * 64,
            "an unknown type between": event + resealed(tremor, 0, 200) + epoch,
        },
        "stream": {
            "two frames": ping + ack,
            "begins within a frame": ping[4:] + ack,
            "a bit flipped": ping[:5] + bytes([ping[5] ^ 1]) + ping[6:] + ack,
            "a zero lost": ping[:-1] + ack + ping,
            "zeros between": ping + bytes(9) + ack,
            "longer than any frame": b"\x55" * 3000 + b"\0" + ack,
            "ends within a frame": ping + ack[:-2],
            "an unknown type": encode_frame(0x70, b"later") + ack,
        },
    }
    return [
        {"name": f"{how}: {name}", "read_by": how, "bytes": data.hex(), "expected": read(how, data)}
        for how, cases in wanted.items()
        for name, data in cases.items()
    ]


def sealed_cases() -> list[Case]:
    """Sessions as `cryptography` makes them; ours must come to the same bytes."""
    cases = []
    for number, (hardware_id, messages_said) in enumerate(
        (
            ("24ec4a0011aa", [(messages.PING, 4), (messages.ACK, 4), (messages.BYE, 0)]),
            ("24:0A:C4:00:00:01", [(messages.FETCH, 7), (messages.CHANGE, 300)]),
            ("r", [(messages.RECORDS, 1033), (messages.CAUGHT_UP, 5), (messages.RECORDS, 255)]),
        )
    ):
        key, host_nonce, device_nonce = (
            bytes((i * 11 + number + k) & 255 for i in range(16)) for k in range(3)
        )
        host_id = 0x0123456789ABCDEF >> number
        agreed = b"twitchwatch link" + bytes([messages.PROTOCOL]) + host_id.to_bytes(8, "little")
        agreed += bytes([len(hardware_id)]) + hardware_id.encode() + host_nonce + device_nonce
        okm = HKDF(SHA256(), 160, host_nonce + device_nonce, agreed).derive(key)
        keys = [okm[:16], okm[16:32], *(okm[at : at + 32] for at in range(32, 160, 32))]
        case: Case = {
            "name": f"session {number}",
            "protocol": messages.PROTOCOL,
            "key": key.hex(),
            "host_id": f"{host_id:016x}",
            "hardware_id": hardware_id,
            "host_nonce": host_nonce.hex(),
            "device_nonce": device_nonce.hex(),
            "context": agreed.hex(),
            "keys": [each.hex() for each in keys],
            "proofs": [_mac(each, agreed)[:16].hex() for each in keys[4:]],
        }
        for side, kind, cipher, mac in (
            ("host", messages.HOST_SEALED, keys[0], keys[2]),
            ("device", messages.DEVICE_SEALED, keys[1], keys[3]),
        ):
            case[side] = []
            for counter, (said, length) in enumerate(messages_said):
                payload = bytes((i * 5 + counter) & 255 for i in range(length))
                block = counter.to_bytes(4, "big") + bytes(12)
                hidden = Cipher(AES(cipher), CTR(block)).encryptor().update(bytes([said]) + payload)
                tag = _mac(mac, struct.pack("<BI", kind, counter) + hidden)[:16]
                sealed = struct.pack("<I", counter) + hidden + tag
                case[side].append([said, payload.hex(), sealed.hex()])
        cases.append(case)
    return cases


def _mac(key: bytes, data: bytes) -> bytes:
    mac = HMAC(key, SHA256())
    mac.update(data)
    return mac.finalize()


def cases(file: str) -> list[Case]:
    """All that should be in a file, as the code of today would write it."""
    return {
        "records": record_cases,
        "messages": message_cases,
        "damaged": damaged_cases,
        "sealed": sealed_cases,
    }[file]()


def main() -> None:
    for file in FILES:
        path = ROOT / "shared" / "protocol" / "vectors" / f"{file}.json"
        kept: list[Case] = json.loads(path.read_text()) if path.exists() else []
        names = {case["name"] for case in kept}
        new = [case for case in cases(file) if case["name"] not in names]
        lines = ",\n".join(json.dumps(case) for case in kept + new)
        path.write_text(f"[\n{lines}\n]\n")
        print(f"{path.name}: {len(kept)} kept, {len(new)} added")


if __name__ == "__main__":
    main()
