"""What a net learned, as figures: computed with numpy from its weights or from stored analyses."""
