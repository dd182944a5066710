"""Companion of the Twitchwatch sensor: collects its records, keeps them, and says what they mean."""

__version__ = "0.2.0"
