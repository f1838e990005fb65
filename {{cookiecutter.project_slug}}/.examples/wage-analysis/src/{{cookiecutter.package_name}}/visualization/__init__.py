"""Figures: each answers one question, and its title says the answer."""
