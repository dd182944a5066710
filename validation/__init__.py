"""How well the detector and the findings do: on what, beside what, and with how much doubt."""
