"""One way through a recording, for every build of the detector; MicroPython runs this file too."""

# What each type of word fills of its sixteen places; the rest keeps what was there before.
USED = {1: 13, 2: 11, 3: 16}


def take(detector, reported):  # type: ignore[no-untyped-def]
    """Move the words that are out to `told`, as lists."""
    out = detector.words
    for i in range(out[0]):
        w = 1 + 16 * i
        reported.append([int(value) for value in out[w : w + USED[int(out[w])]]])
    detector.clear()


def feed(detector, samples, n, reported, gyro=None):  # type: ignore[no-untyped-def]
    """Feed n samples (x y z interleaved, as unsigned), and the gyroscope's; take the words."""
    at = 0
    while at < n:
        at = detector.feed(samples, at, n, gyro)
        take(detector, reported)


def states(detector):  # type: ignore[no-untyped-def]
    """Everything the detector remembers: state, ring, work space, bout, input, turning."""
    kept = (detector._state, detector._ring, detector._work, detector._rhythm, detector._intake)
    kept += (detector._turn, detector._turned, detector._lines, detector._levels)
    return [[int(value) for value in array] for array in kept]
