"""What the records mean: pure functions over what was kept, no input or output."""

# Raised whenever the same records could give another result; stands beside every result.
VERSION = 2
