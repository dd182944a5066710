"""How well the detector finds twitches and tremor, on what, beside what: `python -m validation.detection`."""
