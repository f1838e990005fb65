"""The engine's own tests, on a study of a few lines: nothing is generated for them."""
