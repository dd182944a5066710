"""Recordings of other sensors: is the stated limit right, and is a still hand still?"""
