"""Flash memory as littlefs sees it, kept in a file: 4 KiB erase blocks, bits that only clear."""

_BLOCK_BYTES = 4096
_BLANK = b"\xff" * _BLOCK_BYTES
# ESP_ERR_FLASH_OP_FAIL (ESP-IDF, esp_flash_err.h) as MicroPython raises it.
_FAILED = -0x6001


class FileFlash:
    """Block device; `cut_after` counts writes and erases until the power fails, in the middle of one."""

    def __init__(self, path: str, blocks: int, cut_after: int = -1) -> None:
        self._path = path
        self._blocks = blocks
        self._cut_after = cut_after
        # Whether this program or erase fails.
        self.fails = None
        try:
            self._file = open(path, "r+b")  # noqa: SIM115
        except OSError:
            self._file = open(path, "w+b")  # noqa: SIM115
            for _ in range(blocks):
                self._file.write(_BLANK)

    @property
    def blank(self) -> bool:
        """As it comes from the factory, where a file system would begin."""
        self._file.seek(0)
        return self._file.read(2 * _BLOCK_BYTES) == 2 * _BLANK

    def readblocks(self, block: int, buffer, offset: int = 0) -> None:  # type: ignore[no-untyped-def]
        """Read from `offset` in `block`."""
        self._file.seek(block * _BLOCK_BYTES + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block: int, buffer, offset: int = 0) -> None:  # type: ignore[no-untyped-def]
        """Program what was erased before."""
        self._program(block * _BLOCK_BYTES + offset, buffer)

    def ioctl(self, operation: int, argument: int) -> int:
        """Geometry and erasing, as the vfs documentation numbers them."""
        if operation == 4:
            return self._blocks
        if operation == 5:
            return _BLOCK_BYTES
        if operation == 6:
            self._program(argument * _BLOCK_BYTES, _BLANK)
        return 0

    def _program(self, at: int, data) -> None:  # type: ignore[no-untyped-def]
        if self.fails is not None and self.fails():
            raise OSError(_FAILED)
        self._file.seek(at)
        if self._cut_after > 0:
            self._cut_after -= 1
            if self._cut_after == 0:
                self._file.write(memoryview(data)[: len(data) // 2])
                self._leave()
                raise PowerCut
        self._file.write(data)

    def _leave(self) -> None:
        # The power is gone: what a finaliser still writes must come nowhere, but without an error.
        self._cut_after = -1
        self._file.seek(0)
        left = open(self._path + ".after", "w+b")  # noqa: SIM115
        for _ in range(self._blocks):
            left.write(self._file.read(_BLOCK_BYTES))
        self._file = left


class PowerCut(BaseException):
    """The battery is gone; nothing of the application may catch this."""
