"""What `labbench run` ends with: how the net did, beside the published figure."""

from __future__ import annotations

from labbench.cli.output import print_json, print_view
from labbench.runs import RunFolder


def print_report(run: RunFolder, *, as_json: bool) -> None:
    """Summary, figures by class and confusion matrix of a run, on stdout.

    Args:
        as_json: one JSON document instead; a run without results has null there.
    """
    from labbench.views.summary import SummaryView

    summary = SummaryView.of(run)
    if as_json:
        print_json(summary.as_json())
        return
    from labbench.views.classes import ClassesView
    from labbench.views.confusion import ConfusionView

    print_view(summary)
    if summary.judged is not None:
        print()
        print_view(ClassesView(summary.judged))
        print()
        print_view(ConfusionView(summary.judged))
