"""The daemon as a service of the system: one at a time, watched, logged, and looked after by `doctor`."""
