"""The archive: the only source of nights with their rates, and of findings with their states."""
