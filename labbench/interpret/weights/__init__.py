"""The weights of each layer: how they are spread, and how far training moved them."""
