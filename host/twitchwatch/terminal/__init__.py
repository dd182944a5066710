"""What people and programs see in a terminal or a pipe: pages that fit its width, questions, JSON lines."""
