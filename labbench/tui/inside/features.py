"""Other classifiers on the features of a layer, one after the other, beside the own head."""

from __future__ import annotations

from dataclasses import replace

from labbench.interpret.features.answer import LIMIT, in_words
from labbench.interpret.probes.answer import CLASSIFIERS, Classifier, Probe, ProbeQuestion
from labbench.interpret.probes.picture import FeaturesView
from labbench.interpret.question import kept
from labbench.tui.commands import command
from labbench.tui.inside.job import Job
from labbench.tui.inside.pooled import PooledTab

LIMITS = (1_000, LIMIT, 16_000, 0)

Probes = dict[Classifier, Probe]


class FeaturesTab(PooledTab):
    """What other classifiers make of what a layer gives."""

    title = "features"
    letter = "E"
    about = (
        "Is the net's own last layer the best judge of what the layers before it found? Other "
        "classifiers get the same features - what goes into the first dense layer, or a "
        "convolution pooled over time - of some train clips, choose their setting on validation, "
        "and are judged on test beside the own head. [ and ] go through the layers, the flattened "
        "features last."
    )
    keys = ("fit", "other_pool", "next_limit")

    def __init__(self) -> None:
        super().__init__()
        self.limit = LIMIT
        self._view: FeaturesView | None = None

    @property
    def missing(self) -> list[Classifier]:
        """Classifiers that were not fitted yet."""
        done = self._view.probes if self._view else {}
        return [one for one in CLASSIFIERS if one not in done]

    def _question(self, classifier: Classifier) -> ProbeQuestion:
        return ProbeQuestion(
            classifier=classifier, layer=self.of_layer, pool=self.pool, limit=self.limit
        )

    def begin(self) -> None:
        """Show what is kept; only a person has the rest fitted, which takes minutes."""
        run = self.inside.run_folder
        questions = {one: self._question(one) for one in CLASSIFIERS}

        def work(job: Job) -> Probes:
            found = {one: kept(run, question) for one, question in questions.items()}
            return {one: probe for one, probe in found.items() if probe is not None}

        self.ask(work, self._show, "looking for what is kept")

    def _show(self, probes: Probes) -> None:
        self._view = FeaturesView(
            self.inside.run_id, self.of_layer, self.pool, CLASSIFIERS, probes, bare=True
        )
        self.redraw()

    @command("enter", "fit", when=lambda self: self.found and not self.busy and bool(self.missing))
    def fit(self) -> None:
        """Put the clips through the net and fit the classifiers that are still missing."""
        [one, *_] = self.missing
        self._doing(one)
        self.ask_analyst(self._question(one), self._fitted, "starting")

    def _fitted(self, probe: Probe) -> None:
        """Show what a classifier came to, and go on with the next."""
        if self._view is not None:
            self._view = replace(self._view, probes={**self._view.probes, probe.classifier: probe})
        self._doing(None)
        if self.missing:
            self.fit()

    def _doing(self, now: Classifier | None) -> None:
        if self._view is not None:
            self._view = replace(self._view, doing=(now, "under way") if now else None)
            self.redraw()

    def cancel(self) -> None:
        super().cancel()
        self._doing(None)

    def picture(self) -> FeaturesView | None:
        return self._view

    def view(self) -> FeaturesView | None:
        return self._view and replace(self._view, bare=False, doing=None)

    def heading(self, theme: Theme) -> Text:
        if not self.found:
            return Text()
        text = Text.assemble((in_words(self.of_layer, self.pool), "bold"), no_wrap=True)
        text.overflow = "ellipsis"
        clips = f"at most {self.limit:,} clips of a split" if self.limit else "all clips that fit"
        text.append(f"  {clips}", style=theme.muted)
        if not self.busy and self.missing:
            text.append("  enter", style=f"bold {theme.accent}")
            text.append(" fits what is missing", style=theme.muted)
        return text

    def headless(self) -> str | None:
        parts = ["labbench show", self.inside.run_folder.called, "features"]
        parts += self.layer_options()
        parts += [f"--limit {self.limit}"] if self.limit != LIMIT else []
        return " ".join(parts)

    @command("n", "clips")
    def next_limit(self) -> None:
        """Take more clips of each split: 1,000, 4,000, 16,000, all that fit, and around."""
        self.limit = LIMITS[(LIMITS.index(self.limit) + 1) % len(LIMITS)]
        self.begin()
