"""What the sensor and the computer share: one source, run unchanged by MicroPython and CPython."""
