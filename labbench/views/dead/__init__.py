"""Dead channels: a sentence, a map of labels by channels, all layers, and a list of channels."""

from labbench.views.dead.view import DeadView, Order, Part

__all__ = ["DeadView", "Order", "Part"]
