"""Tabs about one clip: feature maps, evidence, predictions.

What they share: which clip, going from one to the next, naming another, a cursor in time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from labbench import units
from labbench.errors import LabbenchError
from labbench.interpret import analyses
from labbench.interpret.attribution.options import AttributionOptions
from labbench.interpret.clip import ClipRef, listing
from labbench.interpret.feature_maps.options import MapsOptions
from labbench.interpret.options import Options
from labbench.interpret.picture import AnalysisView
from labbench.interpret.predict.answer import meant
from labbench.interpret.predict.options import STRIDE_MS, TOP, PredictOptions
from labbench.runs import RunFolder
from labbench.tui.commands import command
from labbench.tui.dialogs import Ask as AskBox
from labbench.tui.inside.frame import Chosen
from labbench.tui.inside.moving import LayerKeys, Moving
from labbench.tui.inside.tab import Tab
from labbench.tui.loader import in_thread

if TYPE_CHECKING:
    from labbench.interpret.question import Ask

TICK_S = 0.01
"""What one step of the cursor in time is."""

OF_LAYER = ("grad-cam", "all")
"""Methods that are of a layer."""

STRIDES_MS = (50, 100, STRIDE_MS, 500, 1000)

ROOMY = 32
"""From so many lines on, more classes are listed."""

MANY = 16
"""Classes and moments listed there."""


class ClipTab(Tab):
    """A tab about a clip.

    `[` and `]` go through the test clips, or through the files of a folder that was named.
    """

    brackets = "clip"

    def __init__(self) -> None:
        super().__init__()
        self.clip: ClipRef | None = None
        """The clip that is shown."""
        self._clips: tuple[ClipRef, ...] = ()
        """Those that `[` and `]` go through."""

    def finder(self) -> Callable[[Ask], tuple[tuple[ClipRef, ...], ClipRef, Any]]:
        run, chosen, known, options = (
            self.inside.run_folder, self.chosen, self._clips, self.options
        )  # fmt: skip

        def find(ask: Ask) -> tuple[tuple[ClipRef, ...], ClipRef, Any]:
            clips = known or _listed(run, chosen.clip)
            clip = chosen.clip or _first(clips, chosen.word)
            return clips, clip, analyses.find(run, options, ask, clip)

        return find

    def answered(self, found: tuple[tuple[ClipRef, ...], ClipRef, Any]) -> None:
        self._clips, self.clip, answer = found
        self.inside.choose(clip=self.clip)
        super().answered(answer)

    def clip_words(self) -> str:
        """The clip on a command line; empty: none is shown yet."""
        return (self.clip.path or self.clip.name) if self.clip else ""

    def named(self) -> Options:
        return super().named().having(clip=self.clip_words())

    def chosen_changed(self, before: Chosen) -> None:
        if self.chosen.clip != self.clip:
            self.begin()
        else:
            self.follow()

    def step(self, by: int) -> None:
        """The clip before or after this one."""
        if not self._clips:
            return
        now = self.chosen.clip
        place = self._clips.index(now) + by if now in self._clips else 0
        if 0 <= place < len(self._clips):
            self.inside.choose(clip=self._clips[place])

    def place_words(self) -> str:
        """`12 of 4,815`; empty where the clip is none of those that are gone through."""
        if self.clip not in self._clips:
            return ""
        return f"{self._clips.index(self.clip) + 1:,} of {len(self._clips):,}"

    # Another clip by its name

    def look_for(self, text: str | None) -> None:
        """Find what a person typed, in a thread."""
        if text and text.strip():
            in_thread(self, partial(meant, self.inside.run_folder, text.strip()), self._picked)

    def _picked(self, found: Sequence[ClipRef | LabbenchError]) -> None:
        sounds = [one for one in found if isinstance(one, ClipRef)]
        failed = [one for one in found if isinstance(one, LabbenchError)]
        for error in failed[:1]:
            self.inside.bench.complain(error)
        if len(failed) > 1:
            said = f"{units.plural(len(failed), 'file')} cannot be read."
            self.notify(said, severity="error", timeout=8, markup=False)
        if not sounds:
            return
        if sounds[0].row < 0:
            self._clips = tuple(sounds)
        elif self._clips and self._clips[0].row < 0:
            # Back among the run's own clips.
            self._clips = ()
        self.inside.choose(clip=sounds[0])

    @command("slash", "name a clip")
    def name_clip(self) -> None:
        """Name a clip, a word, a sound file, or a folder of sound files."""
        question = "A clip, a word, a sound file, or a folder of them"
        self.app.push_screen(AskBox(question, hint="enter listen   esc cancel"), self.look_for)


class TimeTab(ClipTab):
    """The same with a cursor in time."""

    def move_cursor(self, by_s: float) -> None:
        """The cursor earlier or later; it begins in the middle."""
        at = self.options.at
        now = 0.5 if at is None else at + by_s
        self.change(at=round(min(max(now, 0.0), 1.0), 4))

    @command("right", "time", when=lambda self: self.found)
    def later(self) -> None:
        """Move the cursor on by a hundredth of a second."""
        self.move_cursor(TICK_S)

    @command("left", "earlier", when=lambda self: self.found, shown=False)
    def earlier(self) -> None:
        """Move the cursor back by a hundredth of a second."""
        self.move_cursor(-TICK_S)

    @command("x", "no cursor", when=lambda self: self.options.at is not None, shown=False)
    def no_cursor(self) -> None:
        """Take the cursor away."""
        self.change(at=None)


class MapsTab(TimeTab, Moving, LayerKeys):
    """What each channel of a layer gives for a clip."""

    kind = MapsOptions
    shared = ("layer", "channel")
    keys = (
        "name_clip", "next_layer", "next_before", "next_sort", "later", "previous_layer", "earlier",
        "no_cursor",
    )  # fmt: skip

    def with_chosen(self) -> Options:
        """The options with what is chosen; of another layer first the strongest channel."""
        options = super().with_chosen()
        same = self._view is not None and self._view.options.layer == self.chosen.layer
        return options if same else options.having(channel=self.chosen.channel or None)

    def other_layer(self, by: int) -> None:
        Tab.step(self, by)


def of_layer(tab: Any) -> bool:
    """Whether what is shown is of a layer, and there are others."""
    return tab.options.method in OF_LAYER and len(tab.inside.layers) > 1


class EvidenceTab(TimeTab):
    """What speaks for a class in a clip, moment by moment. Grad-CAM begins at the last layer, as
    its paper does, whatever other tabs look at."""

    kind = AttributionOptions
    shared = ("word",)
    keys = (
        "next_method", "next_layer", "next_class", "later", "name_clip", "previous_layer",
        "taken_for", "earlier", "no_cursor",
    )  # fmt: skip

    def named(self) -> Options:
        layer = self.options.layer if self.options.method in OF_LAYER else ""
        return super().named().having(layer=layer)

    def other_layer(self, by: int) -> None:
        """The layer before or after, and around."""
        layers = self.inside.layers
        layer = self.options.layer or layers[-1]
        self.change(layer=layers[(layers.index(layer) + by) % len(layers)])

    @command("k", "class", when=lambda self: self.found)
    def next_class(self) -> None:
        """Ask for the next class, and around."""
        if self._view is not None:
            words = self._view.first.words
            place = words.index(self._view.first.word) + 1
            self.inside.choose(word=words[place % len(words)])

    @command("l", "layer", when=of_layer)
    def next_layer(self) -> None:
        """Look at the next layer's Grad-CAM, and around."""
        self.other_layer(1)

    @command("L", "layer before", when=of_layer, shown=False)
    def previous_layer(self) -> None:
        """Look at the Grad-CAM of the layer before."""
        self.other_layer(-1)

    @command("K", "taken for", when=lambda self: self.found, shown=False)
    def taken_for(self) -> None:
        """Ask for the class that the net takes each clip for."""
        self.inside.choose(word=None)


class PredictTab(ClipTab):
    """Classes and probabilities of a sound; of a long one second by second."""

    kind = PredictOptions
    keys = ("name_clip", "longer_steps", "shorter_steps")

    @property
    def stepped(self) -> bool:
        """Whether a sound is in view that is heard in several steps."""
        return self.found and len(self._view.found[0].starts_s) > 1

    def picture(self) -> AnalysisView[Any] | None:
        """The view with as many classes as there is room for."""
        view = super().picture()
        return view and view.having(self.named())

    def named(self) -> Options:
        top = MANY if self._view and self.picture_size.height >= ROOMY else TOP
        files = (self.clip_words(),) if self.clip else ()
        options: Options = self.options.having(files=files, top=top)
        return options

    def other_stride(self, by: int) -> None:
        """Longer or shorter steps."""
        place = STRIDES_MS.index(self.options.stride_ms) + by
        if 0 <= place < len(STRIDES_MS):
            self.change(stride_ms=STRIDES_MS[place])

    @command("plus", "step", when=lambda self: self.stepped)
    def longer_steps(self) -> None:
        """Longer steps from one second heard of a long sound to the next."""
        self.other_stride(1)

    @command("minus", "shorter steps", when=lambda self: self.stepped, shown=False)
    def shorter_steps(self) -> None:
        """Shorter steps."""
        self.other_stride(-1)


def _listed(run: RunFolder, clip: ClipRef | None) -> tuple[ClipRef, ...]:
    """The run's test clips; a sound file needs none of them.

    Raises:
        LabbenchError: they are gone.
    """
    if clip is None or clip.row >= 0:
        return listing(run)
    with contextlib.suppress(LabbenchError):
        return listing(run)
    return ()


def _first(clips: Sequence[ClipRef], word: str | None) -> ClipRef:
    """The first clip of a word, or of all."""
    return next((one for one in clips if one.word == word), clips[0])
