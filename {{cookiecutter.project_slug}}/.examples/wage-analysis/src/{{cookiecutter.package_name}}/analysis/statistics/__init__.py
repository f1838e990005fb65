"""What the questions share: effect sizes, clustered errors, and how an answer is said."""
