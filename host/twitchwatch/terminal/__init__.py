"""What people and programs read on a terminal or in a pipe: pages that fit its width, and JSON lines."""
