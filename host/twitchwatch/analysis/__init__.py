"""What the records mean: pure functions over records, without I/O."""

# Raised whenever the same records could give another result; stored with every result.
VERSION = 5
