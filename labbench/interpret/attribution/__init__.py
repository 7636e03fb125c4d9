"""Which moments of a clip speak for a class."""
