"""The archive: the only place that hands out a night with its rate, and a finding with its state."""
