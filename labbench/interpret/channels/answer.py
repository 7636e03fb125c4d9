"""Dead channels: which clips wake which channels of which layer, label by label.

C channels, K labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from labbench.architecture.stages import layer_named
from labbench.audio.clips import Clips, Selection
from labbench.audio.meta import SplitName
from labbench.evaluation.sounds import clips_of
from labbench.interpret.channels.options import DeadOptions
from labbench.interpret.question import Answer, Ask, Question
from labbench.runs import RunFolder

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
State = Literal["dead", "saturated", "partly dead", "selective", "alive"]
STATES: tuple[State, ...] = ("dead", "saturated", "partly dead", "selective", "alive")

LIMITS: dict[str, tuple[float, float]] = {
    "tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0), "sigmoid": (0.0, 1.0),
}  # fmt: skip
"""Activations with a limit on either side. They have no half that is cut or bent away."""

NEAR = 0.025
"""An output is near a limit when it is closer to it than this share of the range (tanh: 0.95)."""

STILL = 0.01
"""A channel between two limits stays still in a clip where its output moves by no more than this
share of the range."""

SATURATED = 0.5
"""A channel is saturated when more than this share of its outputs are near a limit."""

SELECTIVE = 0.5
"""A channel is selective from this index on: one label drives it three times as hard as the mean
of the others."""

FIGURES = ("awake", "mean", "strength", "peak", "low", "above", "limits")


def dead_question(run: RunFolder, split: SplitName = "test", most: int = 0) -> DeadQuestion:
    """The question about a run's own clips.

    Raises:
        LabbenchError: they are gone.
    """
    return DeadQuestion(split=split, most=max(most, 0), digest=clips_of(run).meta.fingerprint)


def listened(clips: Clips, words: Sequence[str], question: DeadQuestion) -> Selection:
    """The clips that are listened to, ascending.

    Raises:
        DataError: the split has none of these words.
    """
    chosen = clips.select(words, question.split)
    count = len(chosen.rows)
    if not 0 < question.most < count:
        return chosen
    by_label = np.argsort(chosen.labels, kind="stable")
    # Equal steps through the clips sorted by label take the same share of each.
    kept = np.sort(by_label[np.arange(question.most) * count // question.most])
    return Selection(chosen.rows[kept], chosen.labels[kept])


@dataclass(frozen=True, slots=True)
class Channel:
    """What is said of one channel."""

    index: int
    state: State
    """The first of `STATES` that holds."""
    awake: float
    """Share of all clips that wake it."""
    mean: float
    """Of its output, over clips and time."""
    peak: float
    """Its greatest output."""
    label: str
    """The one that drives it hardest; empty where none does."""
    selectivity: float
    """Of that label, 0 to 1."""
    limits: float
    """Share of its outputs near a limit."""
    silent_for: tuple[str, ...]
    """Labels none of whose clips wake it."""

    @property
    def times(self) -> float:
        """How much harder its label drives it than the mean of the others."""
        return np.inf if self.selectivity >= 1 else (1 + self.selectivity) / (1 - self.selectivity)


@dataclass(frozen=True, slots=True)
class Layer:
    """The channels of one convolution after its activation, by label.

    Labels without clips have NaN in all figures but `awake`.
    """

    name: str
    activation: str
    words: tuple[str, ...]
    clips_K: Counts
    """Clips of each label."""
    awake_CK: Counts
    """Clips that wake the channel. Relu and its kin: in which what goes into it rises above 0.
    Between two limits: in which its output moves by more than `STILL` of the range."""
    mean_CK: Floats
    """Mean output over clips and time."""
    strength_CK: Floats
    """Mean magnitude of the output over clips and time."""
    peak_CK: Floats
    """Greatest output."""
    low_CK: Floats
    """Least output."""
    above_CK: Floats
    """Share of what goes into the activation that is above 0."""
    limits_CK: Floats
    """Share of outputs near a limit; 0 where the activation has none."""

    @property
    def channels(self) -> int:
        """C."""
        return len(self.awake_CK)

    @property
    def bounded(self) -> bool:
        """Whether the activation has a limit on either side."""
        return self.activation in LIMITS

    @property
    def clips(self) -> int:
        """All clips."""
        return int(self.clips_K.sum())

    @property
    def awake_share(self) -> Floats:
        """Share of all clips that wake each channel."""
        found: Floats = self.awake_CK.sum(axis=1) / self.clips
        return found

    @property
    def share_by_label(self) -> Floats:
        """Share of each label's clips that wake each channel; NaN where it has no clips."""
        with np.errstate(invalid="ignore"):
            found: Floats = self.awake_CK / self.clips_K
        return found

    def over_clips(self, figure_CK: Floats) -> Floats:
        """(C,) the mean over all clips of a figure that is a mean by label."""
        found: Floats = np.nansum(figure_CK * self.clips_K, axis=1) / self.clips
        return found

    @property
    def hardest_label(self) -> Counts:
        """The label that drives each channel hardest."""
        found: Counts = np.nan_to_num(self.strength_CK, nan=-1.0).argmax(axis=1)
        return found

    @property
    def selectivity(self) -> Floats:
        """Class selectivity index of each channel: (top - rest) / (top + rest), 0 to 1.

        `top` is the mean magnitude of its output for the label that drives it hardest, `rest` the
        mean over the other labels. 0: all alike; 0.5: three times; 1: only that label (Morcos et
        al. 2018, On the importance of single directions for generalization). 0 for a channel that
        gives nothing.
        """
        heard = self.clips_K > 0
        top_C = np.fmax.reduce(self.strength_CK, axis=1)
        others = int(heard.sum()) - 1
        if not others:
            return np.zeros(self.channels)
        rest_C = (np.nansum(self.strength_CK, axis=1) - top_C) / others
        total_C = top_C + rest_C
        found: Floats = np.divide(
            top_C - rest_C, total_C, out=np.zeros(self.channels), where=total_C > 0
        )
        return found

    def described(self) -> tuple[Channel, ...]:
        """Every channel, in order."""
        awake, mean = self.awake_share, self.over_clips(self.mean_CK)
        limits, peak = self.over_clips(self.limits_CK), np.fmax.reduce(self.peak_CK, axis=1)
        label, selectivity = self.hardest_label, self.selectivity
        found = []
        for index in range(self.channels):
            none = (self.awake_CK[index] == 0) & (self.clips_K > 0)
            silent_for = tuple(np.array(self.words, object)[none].tolist())
            driven = self.words[label[index]] if selectivity[index] > 0 else ""
            state = _state(
                awake[index] == 0, limits[index], bool(silent_for), selectivity[index]
            )  # fmt: skip
            found.append(
                Channel(index, state, float(awake[index]), float(mean[index]), float(peak[index]),
                        driven, float(selectivity[index]), float(limits[index]), silent_for)
            )  # fmt: skip
        return tuple(found)


def _state(dead: bool, limits: float, partly: bool, selectivity: float) -> State:
    if dead:
        return "dead"
    if limits > SATURATED:
        return "saturated"
    if partly:
        return "partly dead"
    return "selective" if selectivity >= SELECTIVE else "alive"


@dataclass(frozen=True, slots=True)
class Dead(Answer):
    """Every layer over the clips of a split."""

    split: str
    words: tuple[str, ...]
    clips_K: Counts
    of: int
    """Clips that the split has; more than were listened to where that was limited."""
    layers: tuple[Layer, ...]

    def check(self) -> None:
        if not self.layers or not self.clips_K.any():
            raise ValueError("there are layers, and clips were listened to")
        if any((layer.awake_CK > self.clips_K).any() for layer in self.layers):
            raise ValueError("more clips woke a channel than were listened to")

    @property
    def clips(self) -> int:
        """Clips that were listened to."""
        return int(self.clips_K.sum())

    def layer(self, name: str) -> Layer:
        """The layer of a name (`conv3`), a number from 1, or the last for an empty name.

        Raises:
            RunError: there is none.
        """
        by_name = {one.name: one for one in self.layers}
        return by_name[layer_named(tuple(by_name), name)]


class DeadQuestion(Question[Dead], frozen=True, kw_only=True, tag="dead"):
    """Every channel of every convolution over the clips of a split."""

    split: SplitName = "test"
    most: int = 0
    """Listen to so many clips, the same share of each label; 0: to all."""
    digest: str
    """Fingerprint of the data set."""


def find(run: RunFolder, options: DeadOptions, ask: Ask) -> Dead:
    """What the options ask for.

    Raises:
        LabbenchError: the clips are gone, or there is no checkpoint yet.
    """
    return ask(dead_question(run, options.split, options.limit))
