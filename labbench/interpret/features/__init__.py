"""The numbers a layer turns clips into, for other classifiers."""
