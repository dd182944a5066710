"""How well the detector finds twitches and tremor, on what, and beside what: `python -m bench.detection`."""
