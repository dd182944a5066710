"""What a sensor last reported about its board, and what to do about it."""
