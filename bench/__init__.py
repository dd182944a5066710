"""Benchmarks: each a program of its own, and one that runs the quick ones."""
