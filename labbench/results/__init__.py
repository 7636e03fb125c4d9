"""How well a net did: figures derived from its predictions, beside the published ones."""

from labbench.results.compare import Comparison, compare
from labbench.results.metrics import Average, Confusion, Report, from_matrix, judge

__all__ = ["Average", "Comparison", "Confusion", "Report", "compare", "from_matrix", "judge"]
