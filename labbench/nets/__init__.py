"""Torch modules of the planned nets, and how their weights begin."""

from labbench.nets.activations import activation
from labbench.nets.initializers import initialize_
from labbench.nets.net import Net, build

__all__ = ["Net", "activation", "build", "initialize_"]
