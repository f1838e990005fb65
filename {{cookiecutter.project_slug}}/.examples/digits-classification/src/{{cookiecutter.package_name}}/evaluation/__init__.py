"""How good a model is beyond chance, what it leans on, and whether it may go into production."""
