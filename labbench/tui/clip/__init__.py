"""One clip on screen, whichever list it comes from."""
