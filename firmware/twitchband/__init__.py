"""The sensor's application: samples, finds, logs, and hands over."""

VERSION = (0, 1, 0)
