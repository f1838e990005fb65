"""The fitted regression that a run saves, and the card that describes it."""
