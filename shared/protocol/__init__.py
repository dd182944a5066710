"""The wire format and its two state machines; `protocol.md` specifies every byte."""
