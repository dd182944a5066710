"""`make bench`: the figures that README and documents quote, in some minutes.

    python -m bench [NAME ...]

Others are run by their own names: batch, bluez, capacity, clock, cutpoints, dashboard, false_rings, flips,
hostile, killed, long_recordings, port, power, powercut, reconnect, resampling, slow, soak, soak_device,
study, triggers.
`make soak` runs the longest. How well detector and findings do is in `validation`: validation.detection,
validation.findings.
"""

import subprocess
import sys

QUICK = ("demo", "air", "detector_speed", "detector_cost", "questions", "validation.detection")


def main() -> int:
    names = sys.argv[1:] or QUICK
    for name in names:
        print(f"\n== {name}", flush=True)
        code = subprocess.run(
            [sys.executable, "-m", name if "." in name else f"bench.{name}"], check=False
        ).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
