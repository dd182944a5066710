"""Export: the archive in the formats of laboratories, statisticians and hospitals."""
