"""The sentences: what nights, events and findings come to, in words that every face shares."""
