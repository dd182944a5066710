"""The device's state machine as a table: state, event, next state.

Only this table changes the session's state, and the diagram in protocol.md is generated from it. A state
ignores events that are not listed for it. Events in capitals are a message's arrival.
"""

CLOSED = "closed"
CHALLENGED = "challenged"
PROVEN = "proven"
SENDING = "sending"
WAITING = "waiting"
AT_END = "at_end"
FINISHED = "finished"

ON_HELLO = "HELLO"
ON_PROOF = "PROVE, proof right"
ON_DISPROOF = "PROVE, proof wrong"
ON_FETCH = "FETCH"
ON_ACK = "ACK that opens the window"
ON_FULL = "window full"
ON_END = "end of the log"
ON_NEWS = "new record"
ON_BYE = "BYE"

DEVICE = {
    CLOSED: {ON_HELLO: CHALLENGED},
    CHALLENGED: {ON_HELLO: CHALLENGED, ON_PROOF: PROVEN, ON_DISPROOF: CLOSED},
    PROVEN: {ON_FETCH: SENDING, ON_BYE: FINISHED, ON_HELLO: CHALLENGED},
    SENDING: {
        ON_FETCH: SENDING,
        ON_FULL: WAITING,
        ON_END: AT_END,
        ON_BYE: FINISHED,
        ON_HELLO: CHALLENGED,
    },
    WAITING: {ON_FETCH: SENDING, ON_ACK: SENDING, ON_BYE: FINISHED, ON_HELLO: CHALLENGED},
    AT_END: {ON_FETCH: SENDING, ON_NEWS: SENDING, ON_BYE: FINISHED, ON_HELLO: CHALLENGED},
    FINISHED: {ON_HELLO: CHALLENGED},
}
# In these states a host is authenticated.
OPEN = (PROVEN, SENDING, WAITING, AT_END)
