"""What the sync engine asks its driver to do.

In order, first come first served: what an answer brings is done after what was already asked. Sealed frames
carry counters that must arrive in the order in which they were made.
"""

from collections import namedtuple

Send = namedtuple("Send", ("data",))
# The driver answers with resume(). `key_place`: which of the keys offered for this device was the right one.
Identify = namedtuple(
    "Identify", ("hardware_id", "name", "log_id", "boot_id", "first_seq", "next_seq", "live", "key_place")
)
# Everything the device has in [from_seq, upto_seq); the driver answers with committed().
Commit = namedtuple("Commit", ("records", "from_seq", "upto_seq", "damaged"))
# The device read time_us at host time at_s (monotonic), give or take; the driver answers with anchor().
Timed = namedtuple("Timed", ("time_us", "at_s", "uncertainty_us"))
# The device has answered the oldest change that was asked for; `words` say what it does not take.
Changed = namedtuple("Changed", ("result", "words"))
# Raw samples; `head` holds the fields of CAPTURED.
Captured = namedtuple("Captured", ("head", "samples"))
Done = namedtuple("Done", ())
# `stranger`: the two do not know each other; until they are paired it is of no use to try again.
Fail = namedtuple("Fail", ("reason", "stranger"))
