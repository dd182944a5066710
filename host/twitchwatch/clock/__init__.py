"""Time: what UTC it was by a sensor's clock, and what a wall clock showed."""
