"""Accelerometers with a FIFO: one interface, a register table a chip."""
