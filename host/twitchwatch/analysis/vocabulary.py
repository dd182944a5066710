"""The words for the numbers in the records."""

from __future__ import annotations

from twitchwatch.shared.protocol import records as protocol

KINDS = {
    protocol.TWITCH: "twitch",
    protocol.JERK: "jerk",
    protocol.SPASM: "spasm",
    protocol.MOVEMENT: "movement",
    protocol.UNLIKE: "unlike",
}
REASONS = {
    protocol.REASON_TILT: "tilt",
    protocol.REASON_VIGOROUS: "vigorous",
    protocol.REASON_RHYTHMIC: "rhythmic",
}
GAP_WHAT = {protocol.SAMPLES: "samples", protocol.RECORDS: "records"}
GAP_CAUSE = {
    protocol.FIFO_OVERFLOW: "sensor queue overflowed",
    protocol.RECORDING_HOLE: "hole in the recording",
    protocol.FLASH_FULL: "device memory full",
    protocol.FLASH_DAMAGE: "device memory damaged",
    protocol.BUFFER_FULL: "device buffer full",
    protocol.SENSOR_SILENT: "sensor did not answer",
}
