"""A virtual air, a Bluetooth adapter on it for bleak, and the radio of a simulated board."""

from importlib.util import find_spec

from twitchwatch.errors import MissingExtraError

# All of it stands on this library, so whoever imports a part of it learns what is missing.
if find_spec("bumble") is None:
    raise MissingExtraError("bumble, which simulates Bluetooth, is", "sim")
