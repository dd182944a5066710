"""Alerts: who is notified about what, when and how often; policy is separate from transport."""
