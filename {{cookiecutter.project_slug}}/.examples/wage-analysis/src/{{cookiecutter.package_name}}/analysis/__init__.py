"""One question per module: a frame goes in, a frozen result comes out."""
