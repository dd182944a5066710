"""Faults between the board and its sensor."""


class SensorFault(Exception):
    """The sensor cannot be used; the message says what was found and what to check."""
