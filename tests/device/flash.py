"""NOR flash in RAM: 4 KiB erase blocks, programs that only clear bits, and a hook before each operation."""

import micropython
import vfs

BLOCK_BYTES = 4096
_BLANK = b"\xff" * BLOCK_BYTES
_GEOMETRY = {"readsize": 32, "progsize": 32, "lookahead": 32}


@micropython.viper
def _program(image: ptr8, at: int, data: ptr8, count: int):  # noqa: F821
    for i in range(count):
        image[at + i] = image[at + i] & data[i]


class Flash:
    """Block device over `image`; `before(flash, at, data)` receives each program, and of each erase with the
    blank block as data."""

    def __init__(self, image, before=None):
        self.image = image
        self.before = before

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK_BYTES + offset
        buffer[:] = memoryview(self.image)[at : at + len(buffer)]

    def writeblocks(self, block, data, offset=0):
        at = block * BLOCK_BYTES + offset
        if self.before:
            self.before(self, at, data)
        _program(self.image, at, data, len(data))

    def ioctl(self, operation, argument):
        if operation == 4:
            return len(self.image) // BLOCK_BYTES
        if operation == 5:
            return BLOCK_BYTES
        if operation == 6:
            at = argument * BLOCK_BYTES
            if self.before:
                self.before(self, at, _BLANK)
            self.image[at : at + BLOCK_BYTES] = _BLANK
        return 0


class FailingFlash(Flash):
    """Writes and erases fail while `refuses`; `tries` counts those that did.

    It refuses by a number, as extmod/vfs_blockdev.c has it. An exception would leave littlefs half way, and
    what was open to the collector, which cannot run this.
    """

    refuses = False
    tries = 0

    def writeblocks(self, block, data, offset=0):
        if self.refuses:
            self.tries += 1
            return -5
        return super().writeblocks(block, data, offset)

    def ioctl(self, operation, argument):
        if operation == 6 and self.refuses:
            self.tries += 1
            return -5
        return super().ioctl(operation, argument)


def tear(image, at, data):
    """Do half of an operation and no more."""
    half = len(data) // 2
    if data is _BLANK:
        image[at : at + half] = _BLANK[:half]
    else:
        _program(image, at, data, half)


def blank(blocks):
    """Flash as it comes from the factory."""
    return bytearray(_BLANK * blocks)


def mount(flash, point):
    """Mount littlefs. Raises OSError without one."""
    vfs.mount(vfs.VfsLfs2(flash, **_GEOMETRY), point)


def make(flash):
    """Format."""
    vfs.VfsLfs2.mkfs(flash, **_GEOMETRY)
