"""A pipeline from raw data to a report: the machine here, the study in the folders."""
