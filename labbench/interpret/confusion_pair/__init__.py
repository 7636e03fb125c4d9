"""Two words that are confused: the clips of both directions, and what they have in common."""
