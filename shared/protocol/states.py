"""The two machines of the link as tables: state, event, next state.

The machines move by these tables alone, and the diagrams of protocol.md are drawn from them. An event that a
state does not name is not for it.
"""

# the host
GREETING = "greeting"
PROVING = "proving"
IDENTIFYING = "identifying"
STREAMING = "streaming"
IDLE = "idle"
DONE = "done"
FAILED = "failed"

# the device
CLOSED = "closed"
CHALLENGED = "challenged"
GREETED = "greeted"
SENDING = "sending"
WAITING = "waiting"
TOLD = "told"
FINISHED = "finished"

# events; those in capitals are a message's arrival
ON_CHALLENGE = "CHALLENGE, proof right"
ON_STRANGER = "CHALLENGE, no key or proof wrong"
ON_WELCOME = "WELCOME"
ON_RESUME = "resume point known"
ON_RECORDS = "RECORDS"
ON_ASK = "hole, silence or heartbeat"
ON_CAUGHT_UP = "CAUGHT_UP"
ON_SETTLED = "all committed, anchored, changed"
ON_REFUSED = "REFUSED"
ON_SILENCE = "silence"
ON_GIVING_UP = "no answer or no gain"
ON_NONSENSE = "contradictions"

ON_HELLO = "HELLO"
ON_PROOF = "PROVE, proof right"
ON_DISPROOF = "PROVE, proof wrong"
ON_FETCH = "FETCH"
ON_ACK = "ACK that opens the window"
ON_FULL = "window full"
ON_END = "end of the log"
ON_NEWS = "new record"
ON_BYE = "BYE"

HOST = {
    GREETING: {
        ON_CHALLENGE: PROVING,
        ON_SILENCE: GREETING,
        ON_STRANGER: FAILED,
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

DEVICE = {
    CLOSED: {ON_HELLO: CHALLENGED},
    CHALLENGED: {ON_HELLO: CHALLENGED, ON_PROOF: GREETED, ON_DISPROOF: CLOSED},
    GREETED: {ON_FETCH: SENDING, ON_BYE: FINISHED, ON_HELLO: CHALLENGED},
    SENDING: {
        ON_FETCH: SENDING,
        ON_FULL: WAITING,
        ON_END: TOLD,
        ON_BYE: FINISHED,
        ON_HELLO: CHALLENGED,
    },
    WAITING: {ON_FETCH: SENDING, ON_ACK: SENDING, ON_BYE: FINISHED, ON_HELLO: CHALLENGED},
    TOLD: {ON_FETCH: SENDING, ON_NEWS: SENDING, ON_BYE: FINISHED, ON_HELLO: CHALLENGED},
    FINISHED: {ON_HELLO: CHALLENGED},
}
# In these a host has proved itself.
OPEN = (GREETED, SENDING, WAITING, TOLD)
