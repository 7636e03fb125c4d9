"""Our accuracy beside the published one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from labbench.runs import Status


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two accuracies, and how far chance alone could move ours."""

    ours: float
    published: float
    clips: int
    """Clips our accuracy was measured on."""

    @property
    def difference(self) -> float:
        """Ours less the published one."""
        return self.ours - self.published

    @property
    def standard_error(self) -> float:
        """Binomial standard error of ours, sqrt(p(1-p)/n); NaN without clips."""
        if self.clips < 1:
            return math.nan
        return math.sqrt(self.ours * (1 - self.ours) / self.clips)

    @property
    def within(self) -> bool:
        """Whether the difference is no larger than one standard error."""
        # Accuracies have four places, so differences below the last one are none.
        return abs(self.difference) <= self.standard_error + 5e-5

    def in_words(self) -> str:
        """`within one standard error (±0.0030 on 4,815 clips)`, or `3.4 standard errors away`."""
        if self.clips < 1:
            return "no clips to compare on"
        about = f"±{self.standard_error:.4f} on {self.clips:,} clips"
        if self.within:
            return f"within one standard error ({about})"
        if not self.standard_error:
            return f"beyond one standard error ({about})"
        times = abs(self.difference) / self.standard_error
        return f"{times:.1f} standard errors away ({about})"


def difference_to_published(
    ours: float | None, published: float | None, *, synthetic: bool
) -> float | None:
    """Ours less the published accuracy.

    None where one is missing, and where ours is on synthetic speech: the published figures are on
    voices, and say nothing of it.
    """
    if synthetic or ours is None or published is None or math.isnan(ours - published):
        return None
    return ours - published


def accuracy(status: Status) -> float | None:
    """A run's figure: on test clips once it is finished, else its best on validation."""
    return status.best_val_accuracy if status.test_accuracy is None else status.test_accuracy


def difference(status: Status) -> float | None:
    """A run's figure less the published one; None where `difference_to_published` has none."""
    return difference_to_published(accuracy(status), status.published, synthetic=status.synthetic)


def compare(
    ours: float | None, published: float | None, clips: int, *, synthetic: bool
) -> Comparison | None:
    """The two beside each other, or None where they have no difference."""
    if difference_to_published(ours, published, synthetic=synthetic) is None:
        return None
    assert ours is not None
    assert published is not None
    return Comparison(ours, published, clips)
