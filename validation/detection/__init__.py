"""How well the detector finds twitches and tremor: `python -m validation.detection`."""
