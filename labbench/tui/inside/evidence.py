"""Evidence: which moments of a clip speak for a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from labbench.errors import RunError
from labbench.interpret.attribution.answer import (
    METHODS,
    NAMES,
    Evidence,
    EvidenceQuestion,
    Method,
    evidence_question,
)
from labbench.interpret.attribution.picture import EvidenceView
from labbench.interpret.clip import ClipRef
from labbench.text import shell_quoted
from labbench.tui.commands import command
from labbench.tui.inside.clips import clip_argument
from labbench.tui.inside.job import Job
from labbench.tui.inside.subject import Chosen
from labbench.tui.inside.timed import TimedTab
from labbench.views.palette import Theme
from labbench.views.plain import Text

Shown = Method | Literal["all"]
SHOWN: tuple[Shown, ...] = (*METHODS, "all")


class EvidenceTab(TimedTab):
    """What speaks for a class in a clip, moment by moment."""

    title = "evidence"
    letter = "V"
    said = "looking for evidence"
    about = (
        "Which moments of a clip speak for a class, and in another colour which against it. The "
        "score is the class' logit, what stands for nothing is silence. Grad-CAM weighs a layer's "
        "channels by the logit's mean gradient and cuts off what is below 0; the class activation "
        "map is what each moment adds to the logit, exactly, where the net has no hidden dense "
        "layer; integrated gradients add up to the logit less that of silence, and it is told "
        "whether they do; occlusion is how much the logit falls when a window is silenced."
    )
    keys = (
        "next_method", "next_layer", "next_class", "later", "name_clip", "previous_layer",
        "taken_for", "earlier", "no_cursor",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.method: Shown = "grad-cam"
        self._layer = ""
        """Of Grad-CAM. It begins at the last, as its paper does, whatever other tabs look at."""
        self._view: EvidenceView | None = None

    @property
    def layer(self) -> str:
        """The layer of Grad-CAM."""
        return self._layer or self.inside.layers[-1]

    def asking(self) -> Callable[[ClipRef], EvidenceQuestion]:
        first = METHODS[0] if self.method == "all" else self.method
        return self._asking(first)

    def _asking(self, method: Method) -> Callable[[ClipRef], EvidenceQuestion]:
        run, word, layer = self.inside.run_folder, self.chosen.word or "", self.layer

        def ask(clip: ClipRef) -> EvidenceQuestion:
            return evidence_question(run, clip, method, word=word, layer=layer)

        return ask

    def answered(self, found: Evidence) -> None:
        self._show([found], [])
        if self.method == "all":
            self._ask_others(found)

    def _ask_others(self, first: Evidence) -> None:
        """Ask for the other methods, one after the other."""
        makers, analyst = [self._asking(method) for method in METHODS[1:]], self.inside.analyst

        def work(job: Job) -> tuple[list[Evidence], list[str]]:
            found, cannot = [first], []
            for make in makers:
                try:
                    ask = make(first.clip)
                except RunError as error:
                    cannot.append(error.what)
                    continue
                found.append(analyst.ask(ask, report=job.report, wanted=job.wanted))
            return found, cannot

        self.ask(work, lambda found: self._show(*found), self.said)

    def _show(self, found: list[Evidence], cannot: list[str]) -> None:
        self._view = EvidenceView.of(
            self.inside.run_folder, found, cannot=cannot, cursor_s=self.cursor_s
        )
        self.redraw()

    def picture(self) -> EvidenceView | None:
        return self._view and self._view.without_heading()

    def view(self) -> EvidenceView | None:
        return self._view

    def heading(self, theme: Theme) -> Text:
        if self._view is None:
            return Text()
        text = self._view.clip_words(theme)
        if place := self.place_words():
            text.append(f"  {place}", style=theme.muted)
        name = "all methods" if self.method == "all" else NAMES[self.method]
        return text.append(f"  {name}", style=theme.muted)

    def headless(self) -> str | None:
        parts = ["labbench show", self.inside.run_folder.called, "cam"]
        if self.clip is not None:
            parts.append(f"--clip {clip_argument(self.clip)}")
        if self.chosen.word:
            parts.append(f"--class {shell_quoted(self.chosen.word)}")
        parts.append(f"--method {self.method}")
        parts += [f"--layer {self.layer}"] if self.method in ("grad-cam", "all") else []
        parts += [f"--at {self.cursor_s:.2f}"] if self.cursor_s is not None else []
        return " ".join(parts)

    def chosen_changed(self, before: Chosen) -> None:
        if self.chosen.clip != self.clip or self.chosen.word != before.word:
            self.begin()

    # What its keys do

    @command("m", "method")
    def next_method(self) -> None:
        """Go to the next method: Grad-CAM, CAM, integrated gradients, occlusion, all of them."""
        self.method = SHOWN[(SHOWN.index(self.method) + 1) % len(SHOWN)]
        self.begin()

    def other_layer(self, by: int) -> None:
        """The layer before or after, and around."""
        layers = self.inside.layers
        self._layer = layers[(layers.index(self.layer) + by) % len(layers)]
        self.begin()

    @command("k", "class", when=lambda self: self.found)
    def next_class(self) -> None:
        """Ask for the next class, and around."""
        if self._view is not None:
            words = self._view.first.words
            place = words.index(self._view.first.word) + 1
            self.inside.choose(word=words[place % len(words)])

    def mark(self) -> None:
        if self._view is not None:
            self._view = self._view.marking(self.cursor_s)
            self.redraw()

    def click(self, x: int, y: int, *, twice: bool) -> None:
        view = self.picture()
        if view is not None and (time_s := view.time_at(x, self.picture_size.width)) is not None:
            self.have_cursor(time_s)

    @command(
        "l",
        "layer",
        when=lambda self: self.method in ("grad-cam", "all") and len(self.inside.layers) > 1,
    )
    def next_layer(self) -> None:
        """Look at the next layer's Grad-CAM, and around."""
        self.other_layer(1)

    @command(
        "L",
        "layer before",
        when=lambda self: self.method in ("grad-cam", "all") and len(self.inside.layers) > 1,
        shown=False,
    )
    def previous_layer(self) -> None:
        """Look at the Grad-CAM of the layer before."""
        self.other_layer(-1)

    @command("K", "taken for", when=lambda self: self.found, shown=False)
    def taken_for(self) -> None:
        """Ask for the class that the net takes each clip for."""
        self.inside.choose(word=None)
