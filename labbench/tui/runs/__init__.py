"""All runs and how they stand."""
