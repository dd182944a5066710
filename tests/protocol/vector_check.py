"""Do the golden vectors still hold? Both interpreters run this; as a script it prints what does not.

Usage: micropython vector_check.py ROOT
"""

import json
import sys
from binascii import hexlify, unhexlify

if __name__ == "__main__":
    sys.path[:0] = [sys.argv[1], sys.argv[1] + "/firmware"]

if sys.implementation.name == "micropython":
    from shared.protocol import framing, keys, messages, records, seal
    from twitchband.cipher import aes_ctr
else:
    from twitchwatch.link.cipher import aes_ctr
    from twitchwatch.shared.protocol import framing, keys, messages, records, seal

FILES = ("records", "messages", "damaged", "sealed")


def load(root, name):
    with open(f"{root}/shared/protocol/vectors/{name}.json") as file:
        return json.load(file)


def text(data):
    return hexlify(data).decode()


def encoded_record(case):
    """The record of a case, as the code of today writes it."""
    return records.encode(
        case["type"],
        case["seq"],
        case["boot_id"],
        case["time_us"],
        tuple(case["body"]),
        unhexlify(case["tail"]),
    )


def encoded_message(case):
    """The frame of a case, as the code of today writes it."""
    payload = messages.pack(case["type"], *case["fields"]) + unhexlify(case["tail"])
    return framing.encode_frame(case["type"], payload)


def read(kind, data):
    """What today's code makes of `data`, in the words of the damaged vectors."""
    if kind == "decode":
        try:
            record = records.decode(data)
        except records.RecordError:
            return "refused"
        return "kept raw" if record.body is None and record.raw == data else "read"
    if kind == "split":
        found, damaged = records.split(data)
        return {"records": [text(raw) for raw in found], "damaged": damaged}
    reader = framing.FrameReader()
    frames = reader.feed(data)
    return {"frames": [[kind, text(payload)] for kind, payload in frames], "damaged": reader.damaged}


def record_holds(case):
    raw = unhexlify(case["raw"])
    record = records.decode(raw)
    body = list(record.body)
    if record.version < records.SCHEMAS[record.type][1]:
        # Read as today's, and written no more.
        known = len(case["body"])
        if tuple(body[known:]) != records.EARLIER[record.type, record.version][1] or len(body) == known:
            return False
        body = body[:known]
    elif encoded_record(case) != raw:
        return False
    return (
        record.raw == raw
        and [record.type, record.seq, record.boot_id, record.time_us]
        == [case["type"], case["seq"], case["boot_id"], case["time_us"]]
        and body == case["body"]
        and record.tail == unhexlify(case["tail"])
    )


def message_holds(case):
    frame = unhexlify(case["frame"])
    ((kind, payload),) = framing.FrameReader().feed(frame)
    fields, tail = messages.unpack(kind, payload)
    return (
        encoded_message(case) == frame
        and kind == case["type"]
        and list(fields) == case["fields"]
        and tail == unhexlify(case["tail"])
    )


def damaged_holds(case):
    return read(case["read_by"], unhexlify(case["bytes"])) == case["expected"]


def sealed_holds(case):
    """A session from its pairing key to the bytes of its first frames."""
    host_nonce, device_nonce = unhexlify(case["host_nonce"]), unhexlify(case["device_nonce"])
    hardware_id = case["hardware_id"].encode()
    host_id = int(case["host_id"], 16)
    agreed = keys.context(case["protocol"], host_id, hardware_id, host_nonce, device_nonce)
    made = keys.session_keys(unhexlify(case["key"]), agreed)
    proofs = [keys.proof(made.host_proof, agreed), keys.proof(made.device_proof, agreed)]
    holds = (
        text(agreed) == case["context"]
        and [text(key) for key in made] == case["keys"]
        and [text(each) for each in proofs] == case["proofs"]
    )
    for side, kind, cipher, mac in (
        ("host", messages.HOST_SEALED, made.host_cipher, made.host_mac),
        ("device", messages.DEVICE_SEALED, made.device_cipher, made.device_mac),
    ):
        sealer = seal.Sealer(kind, aes_ctr(cipher), mac)
        opener = seal.Opener(kind, aes_ctr(cipher), mac)
        for message_kind, payload, sealed in case[side]:
            said = unhexlify(payload)
            holds = holds and text(sealer.seal(message_kind, said)) == sealed
            holds = holds and opener.open(unhexlify(sealed)) == (message_kind, said)
    return holds


HOLDS = {
    "records": record_holds,
    "messages": message_holds,
    "damaged": damaged_holds,
    "sealed": sealed_holds,
}


def broken(root):
    """Names of the vectors that no longer hold, and how many were checked."""
    names = []
    count = 0
    for file in FILES:
        for case in load(root, file):
            count += 1
            if not HOLDS[file](case):
                names.append(file + ": " + case["name"])
    return names, count


if __name__ == "__main__":
    print(broken(sys.argv[1]))
