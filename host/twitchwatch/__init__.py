"""Companion of the Twitchwatch sensor: collects its records, keeps them, and explains them."""

__version__ = "0.2.0"
