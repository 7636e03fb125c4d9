"""The report's tables and the user's own: how far they are, and how near the report."""
