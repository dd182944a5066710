"""Export: the archive in the formats used by laboratories, statisticians and hospitals."""
