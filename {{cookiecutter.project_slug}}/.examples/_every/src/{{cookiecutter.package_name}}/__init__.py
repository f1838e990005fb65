"""A pipeline from raw data to a report: the study here, the engine in its folder."""
