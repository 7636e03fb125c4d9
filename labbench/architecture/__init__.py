"""What a net is made of, as plain data: layers with their lengths and parameter counts.

Nothing here computes: `labbench.nets` builds the torch module of a plan, screens print it.
"""

from labbench.architecture.families import FAMILIES, plan
from labbench.architecture.layers import (
    Activation,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool,
    Plan,
)
from labbench.architecture.model import ACTIVATIONS, INITIALIZERS, Model

__all__ = [
    "ACTIVATIONS",
    "FAMILIES",
    "INITIALIZERS",
    "Activation",
    "BatchNorm",
    "Conv",
    "Dense",
    "Dropout",
    "Flatten",
    "Layer",
    "MaxPool",
    "Model",
    "Plan",
    "plan",
]
