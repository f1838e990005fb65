"""What can be learned, how it is chosen, fitted, asked, and which one is in production."""
