"""What a sensor last reported of its own board, and what to do about it."""
