"""The wire format and the two machines that speak it. `protocol.md` says every byte."""
