"""What is wrong between the board and its sensor."""

# Gap.cause, after those that shared.protocol.records names: the sensor did not answer, or had lost its power.
SENSOR_SILENT = 6


class SensorFault(Exception):
    """The sensor cannot be used; the message says what was found and what to look at."""
