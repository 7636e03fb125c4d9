"""The test clips laid out in two dimensions by what a layer gives."""
