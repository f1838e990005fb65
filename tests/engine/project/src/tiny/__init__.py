"""A study of a few lines, for the engine's tests."""
