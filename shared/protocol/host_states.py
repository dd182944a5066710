"""The host's state machine as a table: state, event, next state.

Only this table changes the engine's state, and the diagram in protocol.md is generated from it. A state
ignores events that are not listed for it. Events in capitals are a message's arrival.
"""

HANDSHAKE = "handshake"
PROVING = "proving"
IDENTIFYING = "identifying"
STREAMING = "streaming"
IDLE = "idle"
DONE = "done"
FAILED = "failed"

ON_CHALLENGE = "CHALLENGE, proof right"
ON_UNPAIRED = "CHALLENGE, no key or proof wrong"
ON_WELCOME = "WELCOME"
ON_RESUME = "resume point known"
ON_RECORDS = "RECORDS"
ON_ASK = "hole, silence or heartbeat"
ON_CAUGHT_UP = "CAUGHT_UP"
ON_SETTLED = "all committed, anchored, changed"
ON_REFUSED = "REFUSED"
ON_SILENCE = "silence"
ON_GIVING_UP = "no answer or no progress"
ON_NONSENSE = "contradictions"

HOST = {
    HANDSHAKE: {
        ON_CHALLENGE: PROVING,
        ON_SILENCE: HANDSHAKE,
        ON_UNPAIRED: FAILED,
        ON_REFUSED: FAILED,
        ON_GIVING_UP: FAILED,
    },
    PROVING: {
        ON_WELCOME: IDENTIFYING,
        ON_SILENCE: PROVING,
        ON_REFUSED: FAILED,
        ON_GIVING_UP: FAILED,
        ON_NONSENSE: FAILED,
    },
    IDENTIFYING: {ON_RESUME: STREAMING, ON_REFUSED: FAILED},
    STREAMING: {
        ON_RECORDS: STREAMING,
        ON_ASK: STREAMING,
        ON_CAUGHT_UP: IDLE,
        ON_REFUSED: FAILED,
        ON_GIVING_UP: FAILED,
        ON_NONSENSE: FAILED,
    },
    IDLE: {
        ON_RECORDS: STREAMING,
        ON_ASK: STREAMING,
        ON_CAUGHT_UP: IDLE,
        ON_SETTLED: DONE,
        ON_REFUSED: FAILED,
        ON_GIVING_UP: FAILED,
        ON_NONSENSE: FAILED,
    },
    DONE: {},
    FAILED: {},
}
