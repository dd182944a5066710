"""A virtual air, a Bluetooth adapter for bleak on it, and the radio of a simulated board."""
