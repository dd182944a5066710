"""Benchmarks: each is a separate program, and one runs the quick ones."""
