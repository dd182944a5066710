"""A virtual air, a Bluetooth adapter on it for bleak, and the radio of a simulated board."""
