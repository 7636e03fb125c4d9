"""What each channel of a layer gives for a clip."""
