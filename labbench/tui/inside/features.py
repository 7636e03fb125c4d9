"""Other classifiers on the features of a layer, one after the other, beside the own head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.interpret.probes.answer import Probe, known, questions
from labbench.interpret.probes.options import ProbesOptions
from labbench.interpret.question import Ask
from labbench.tui.commands import command
from labbench.tui.inside.moving import PooledTab


class FeaturesTab(PooledTab):
    """What other classifiers make of what a layer gives."""

    kind = ProbesOptions
    keys = ("fit", "next_pool", "next_limit")

    @property
    def missing(self) -> bool:
        """Whether there are classifiers that were not fitted yet."""
        return self._view is not None and bool(self._view.missing)

    def finder(self) -> Callable[[Ask], Any]:
        """What is kept; only a person has the rest fitted, which takes minutes."""
        return partial(known, self.inside.run_folder, self.options)

    @command("enter", "fit", when=lambda self: self.found and not self.busy and self.missing)
    def fit(self) -> None:
        """Put the clips through the net and fit the classifiers that are still missing."""
        run, options, one = self.inside.run_folder, self.options, self._view.missing[0]
        self.see(replace(self._view, doing=one))
        self.have_found(lambda ask: ask(questions(run, options)[one]), "starting", self._fitted)

    def _fitted(self, probe: Probe) -> None:
        """Show what a classifier came to, and go on with the next."""
        self.see(self._view.with_probe(probe))
        if self.missing:
            self.fit()

    def cancel(self) -> None:
        super().cancel()
        if self._view is not None:
            self.see(replace(self._view, doing=None))

    def heading(self, theme: Theme) -> Text:
        text = super().heading(theme)
        if self.found and not self.busy and self.missing:
            text.append("  enter", style=f"bold {theme.accent}")
            text.append(" fits what is missing", style=theme.muted)
        return text
