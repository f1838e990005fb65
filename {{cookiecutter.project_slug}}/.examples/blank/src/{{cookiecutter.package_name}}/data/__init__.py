"""Raw data in."""
