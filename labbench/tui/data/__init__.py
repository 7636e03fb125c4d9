"""Data sets on screen: what there is, what is being made, and the clips themselves."""
