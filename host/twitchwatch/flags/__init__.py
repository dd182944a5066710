"""What is said: findings with their evidence, in plain words that never diagnose."""

from twitchwatch.flags.flag import Confidence, Flag, State
from twitchwatch.flags.raising import raise_flags
from twitchwatch.flags.silence import Sight, silence_flag

__all__ = ["Confidence", "Flag", "Sight", "State", "raise_flags", "silence_flag"]
