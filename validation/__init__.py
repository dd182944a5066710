"""How well the detector and the findings work: on which data, compared with what, and how certainly."""
