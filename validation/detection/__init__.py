"""How well the detector finds twitches and tremor, and compared with what: `python -m validation.detection`."""
