"""Every object that is printed as JSON: one typed definition each, which is also its reference and schema."""
