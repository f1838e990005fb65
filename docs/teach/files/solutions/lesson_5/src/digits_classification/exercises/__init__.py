"""What was written in the lessons."""
