"""`make bench`: the figures that README and documents quote, in some minutes.

    python -m bench [NAME ...]

Others (bluez, capacity, clock, cutpoints, findings, power, powercut, resampling, soak_device) are run by
their own names.
"""

import subprocess
import sys

QUICK = ("demo", "air", "detector_speed", "detector_cost", "detection")


def main() -> int:
    names = sys.argv[1:] or QUICK
    for name in names:
        print(f"\n== {name}", flush=True)
        code = subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
