"""The sentences about nights, events and findings, shared by every user interface."""
