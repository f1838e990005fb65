"""From the raw file to a table that is typed, labelled, split and checked."""
