"""Figures that are drawn from results, and sentences that are written from them."""
