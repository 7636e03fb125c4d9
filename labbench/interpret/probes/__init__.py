"""Other classifiers on a layer's features, beside the net's own head."""
