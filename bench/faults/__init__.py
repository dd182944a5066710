"""Whether everything goes on: faults, one by one and in pairs, on every board and release."""
