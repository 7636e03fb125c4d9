"""Which labels wake which channels of a layer, and which channels none."""
