"""What the sync engine requests from its driver.

Carried out in order: the consequences of an answer come after earlier requests. Sealed frames carry counters
that must arrive in the order in which they were made.
"""

from collections import namedtuple

Send = namedtuple("Send", ("data",))
# The driver answers with resume(). `key_place`: which of the keys offered for this device matched.
Identify = namedtuple(
    "Identify", ("hardware_id", "name", "log_id", "boot_id", "first_seq", "next_seq", "live", "key_place")
)
# Everything the device has in [from_seq, upto_seq); the driver answers with committed().
Commit = namedtuple("Commit", ("records", "from_seq", "upto_seq", "damaged"))
# The device read time_us at host time at_s (monotonic), give or take; the driver answers with anchor().
Timed = namedtuple("Timed", ("time_us", "at_s", "uncertainty_us"))
# The device has answered the oldest requested change; `words` explain what it rejects.
Changed = namedtuple("Changed", ("result", "words"))
# Raw samples; `head` holds the fields of CAPTURED.
Captured = namedtuple("Captured", ("head", "samples"))
Done = namedtuple("Done", ())
# `unpaired`: the two are not paired; until they are, trying again does not help.
Fail = namedtuple("Fail", ("reason", "unpaired"))
