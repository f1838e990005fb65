"""What a model reads of a row, made from its cells or from a picture."""
