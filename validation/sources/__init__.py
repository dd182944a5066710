"""Recordings of other sensors: is the stated limit correct, and is a still hand reported as still?"""
