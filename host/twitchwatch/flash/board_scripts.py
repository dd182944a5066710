"""Small programs that run on the board and print JSON, one object per line."""

from __future__ import annotations

from collections.abc import Sequence

# A multiple of the 512 read at a time. Reading so much takes no flash seconds.
BUSY_BYTES = 4096

_LIST = """
import binascii, hashlib, json, os
def look(path):
    try:
        kind = os.stat(path)[0]
    except OSError:
        return
    if kind & 0x4000:
        for entry in os.ilistdir(path):
            look(path + "/" + entry[0])
        return
    digest = hashlib.sha256()
    hashed = 0
    with open(path, "rb") as file:
        while True:
            n = file.readinto(chunk)
            if not n:
                break
            digest.update(view[:n])
            hashed += n
            if hashed % BUSY_BYTES == 0:
                print(".")
    print(json.dumps({"path": path[1:], "sha256": binascii.hexlify(digest.digest()).decode()}))
chunk = bytearray(512)
view = memoryview(chunk)
for name in NAMES:
    look("/" + name)
"""

IDENTIFY = """
import binascii, json, os, sys
try:
    import machine
    number = ":".join(["%02X" % byte for byte in machine.unique_id()])
except (ImportError, AttributeError):
    number = ""
it = sys.implementation
space = os.statvfs("/")
print(json.dumps({
    "name": it.name, "version": it.version[:3], "machine": getattr(it, "_machine", ""),
    "mpy": getattr(it, "_mpy", 0), "hardware_id": number, "free_bytes": space[0] * space[3],
}))
"""


def list_files(names: Sequence[str]) -> str:
    """A line for each of these files, and each file in these folders: its path and its SHA-256.

    Within a long file the board prints a dot now and then: it is busy.
    """
    return f"NAMES = {list(names)!r}\nBUSY_BYTES = {BUSY_BYTES}\n{_LIST}"


def prepare(remove: Sequence[str], folders: Sequence[str]) -> str:
    """Remove files; make folders, outer ones first."""
    return f"""
import json, os
for path in {list(remove)!r}:
    os.remove("/" + path)
for path in {list(folders)!r}:
    try:
        os.mkdir("/" + path)
    except OSError:
        pass
print(json.dumps({{}}))
"""


def set_name(config_path: str, name: str) -> str:
    """Name the sensor; its other settings stay. A power cut leaves either the old file or the new one."""
    return f"""
import json, os
path = {config_path!r}
try:
    with open(path) as file:
        settings = json.load(file)
except (OSError, ValueError):
    settings = {{}}
if not isinstance(settings, dict):
    settings = {{}}
settings["name"] = {name!r}
# It covers the name of before; without one the firmware believes the file.
settings.pop("checksum", None)
with open(path + ".new", "w") as file:
    json.dump(settings, file)
os.rename(path + ".new", path)
print(json.dumps({{}}))
"""


def read_keys(path: str) -> str:
    """The sensor's hardware id, from its board, and the text of its key file."""
    return f"""
import board, json
try:
    with open({path!r}) as file:
        text = file.read()
except (OSError, ValueError):
    # A file that is not text holds no key; the firmware reads it the same way.
    text = ""
print(json.dumps({{"hardware_id": board.hardware_id(), "text": text}}))
"""


def replace_file(path: str, text: str) -> str:
    """Write a small file and read it back. A power cut leaves either the old file or the new one."""
    return f"""
import json, os
path = {path!r}
with open(path + ".new", "w") as file:
    file.write({text!r})
os.rename(path + ".new", path)
with open(path) as file:
    print(json.dumps({{"text": file.read()}}))
"""
