"""Accelerometers with a FIFO: one interface, one register table per chip."""
