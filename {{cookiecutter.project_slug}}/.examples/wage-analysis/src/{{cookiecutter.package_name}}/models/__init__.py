"""The fitted regression that a run saves."""
