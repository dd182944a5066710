"""The link to the sensor: transports, sync sessions, reconnection and clock sync."""
