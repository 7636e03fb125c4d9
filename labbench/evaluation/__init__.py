"""How well a net did: figures derived from its predictions, beside the published ones."""

from labbench.evaluation.compare import Comparison, compare
from labbench.evaluation.metrics import Average, Confusion, Report, evaluate, from_matrix
from labbench.evaluation.paired import ClassDifference, Paired, class_differences, paired

__all__ = [
    "Average",
    "ClassDifference",
    "Comparison",
    "Confusion",
    "Paired",
    "Report",
    "class_differences",
    "compare",
    "evaluate",
    "from_matrix",
    "paired",
]
