"""The page on which people look at a run and choose what it compares."""
