"""labbench: a terminal lab bench for 1-D CNNs on raw audio."""

__version__ = "0.1.0"
