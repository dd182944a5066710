"""The daemon as a system service: one at a time, supervised, logged, and checked by `doctor`."""
