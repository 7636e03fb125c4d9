"""The training engine: fast steps for the report's nets."""

from labbench.training.engine.engine import Engine, Precision

__all__ = ["Engine", "Precision"]
