"""Detects twitches, tremor, jerks, spasms and movement in integers: one source for sensor and computer."""
