"""Pick a preset, look at what it is, change values, launch it."""
