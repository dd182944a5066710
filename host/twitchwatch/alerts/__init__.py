"""Who is notified of what, when and how often: policy separate from transport."""
