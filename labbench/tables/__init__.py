"""Tables of presets: planned, swept, filled, compared with the report's, and drawn."""
