"""The sensor's application: samples, detects, logs and transfers."""

VERSION = (0, 2, 0)
