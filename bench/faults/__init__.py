"""Whether recording continues: faults, one by one and in pairs, on every board and release."""
