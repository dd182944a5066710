"""Ways out for what was found."""
