"""A chip in its boot loader at the end of a cable, which esptool takes for real.

It speaks what the ROM speaks, and after esptool has sent its stub what the stub speaks: SLIP frames with
commands and answers (docs.espressif.com, esptool, "Serial Protocol"). The flash is a `bytearray`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pty
import select
import struct
import threading
import tty
import zlib
from types import TracebackType

FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
MEM_BEGIN, MEM_END, MEM_DATA = 0x05, 0x06, 0x07
SYNC, WRITE_REG, READ_REG = 0x08, 0x09, 0x0A
DEFLATE_BEGIN, DEFLATE_DATA, DEFLATE_END = 0x10, 0x11, 0x12
MD5, SECURITY_INFO, ERASE_FLASH = 0x13, 0x14, 0xD0
# esp_chip_id_t of ESP-IDF.
CHIP_IDS = {"ESP32S2": 2, "ESP32C3": 5, "ESP32S3": 9, "ESP32C6": 13}
# The first of the ROM's words by which esptool knows the chips that tell no number.
MAGIC_AT = 0x40001000
MAGIC = {"ESP32": 0x00F01D83}
# SPI controller of the C3: a command is done when its register reads 0; W0 then holds the flash's identity.
FLASH_ID_AT = 0x60002058
# Winbond W25Q32: 4 MiB.
FLASH_ID = 0x164020
UNKNOWN_COMMAND = b"\x01\x05"
DONE = b"\0\0"
# What the ROM, but not the stub, sends behind a status.
RESERVED = {False: b"\0\0", True: b""}
SYNC_VALUE = 0x20120707


class RomLoader:
    """`port` is what to give to esptool; `flash` what is in the chip's flash."""

    def __init__(self, chip: str, flash_bytes: int = 1 << 22) -> None:
        self._chip = chip
        self.flash = bytearray(b"\xa5" * flash_bytes)
        # Nothing that the host says is heard: BOOT was not held.
        self.deaf = False
        self._stub = False
        self._at = 0
        self._inflate = zlib.decompressobj()
        self._host, self._host_end = pty.openpty()
        tty.setraw(self._host_end)
        self.port = os.ttyname(self._host_end)
        self._stop, self._stopper = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> RomLoader:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.write(self._stopper, b"x")
        self._thread.join()
        for descriptor in (self._host, self._host_end, self._stop, self._stopper):
            os.close(descriptor)

    def _serve(self) -> None:
        frame = bytearray()
        while True:
            ready, _, _ = select.select([self._stop, self._host], [], [])
            if self._stop in ready:
                return
            with contextlib.suppress(OSError):
                for byte in os.read(self._host, 65536):
                    if byte != 0xC0:
                        frame.append(byte)
                    elif frame:
                        whole = bytes(frame.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb"))
                        frame.clear()
                        # What is no command, such as what mpremote says, is not heard.
                        if whole[0] == 0 and len(whole) >= 8 and not self.deaf:
                            self._command(whole)

    def _command(self, frame: bytes) -> None:
        _, command, length = struct.unpack_from("<BBH", frame)
        data = bytes(frame[8 : 8 + length])
        value, answer, status = 0, b"", DONE
        if command == SYNC:
            # The ROM answers each synchronisation eight times; the stub's value would be 0.
            for _ in range(8):
                self._reply(command, 0 if self._stub else SYNC_VALUE, DONE + RESERVED[self._stub])
            return
        if command == READ_REG:
            (address,) = struct.unpack("<I", data)
            if address == MAGIC_AT:
                value = MAGIC.get(self._chip, 0x1B31506F)
            elif address == FLASH_ID_AT:
                value = FLASH_ID
        elif command == SECURITY_INFO:
            if self._chip not in CHIP_IDS:
                status = UNKNOWN_COMMAND
            else:
                answer = struct.pack("<IB7BII", 0, 0, *bytes(7), CHIP_IDS[self._chip], 0)
        elif command == MEM_END:
            # The stub has been sent and begins.
            self._reply(command, 0, DONE + RESERVED[self._stub])
            self._stub = True
            self._send(b"OHAI")
            return
        elif command == ERASE_FLASH:
            self.flash[:] = b"\xff" * len(self.flash)
        elif command in (FLASH_BEGIN, DEFLATE_BEGIN):
            self._at = struct.unpack_from("<4I", data)[3]
            self._inflate = zlib.decompressobj()
        elif command in (FLASH_DATA, DEFLATE_DATA):
            (size,) = struct.unpack_from("<I", data)
            piece = data[16 : 16 + size]
            if command == DEFLATE_DATA:
                piece = self._inflate.decompress(piece)
            self.flash[self._at : self._at + len(piece)] = piece
            self._at += len(piece)
        elif command == MD5:
            at, size = struct.unpack_from("<2I", data)
            digest = hashlib.md5(self.flash[at : at + size], usedforsecurity=False)
            answer = digest.digest() if self._stub else digest.hexdigest().encode()
        self._reply(command, value, answer + status + RESERVED[self._stub])

    def _reply(self, command: int, value: int, data: bytes) -> None:
        self._send(struct.pack("<BBHI", 1, command, len(data), value) + data)

    def _send(self, frame: bytes) -> None:
        escaped = frame.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        os.write(self._host, b"\xc0" + escaped + b"\xc0")
