"""Several runs side by side: curves, settings, figures by class, and clip by clip."""

from labbench.views.compare.sides import Compared, Side, common_split, read_side
from labbench.views.compare.view import CompareView, Show

__all__ = ["CompareView", "Compared", "Show", "Side", "common_split", "read_side"]
