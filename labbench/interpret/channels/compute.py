"""How often, how strongly and for which labels each channel wakes.

B batch, C channels, T time samples, K labels.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from labbench.architecture.stages import Stage, stages
from labbench.audio.progress import Progress
from labbench.errors import DataError
from labbench.evaluation.sounds import clips_of
from labbench.interpret.channels.answer import (
    FIGURES,
    LIMITS,
    NEAR,
    STILL,
    Dead,
    DeadQuestion,
    Layer,
    listened,
)
from labbench.interpret.context import Context, before_activation
from labbench.interpret.spread import spread
from labbench.units import FULL_SCALE

BATCH_BYTES = 32 << 20
"""What the largest feature map of a batch may take."""

MOST_CLIPS = 16
"""In a batch: progress and cancelling wait for one."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """A layer's channels in each clip of a batch, (B, C)."""

    awake: Tensor
    mean: Tensor
    strength: Tensor
    peak: Tensor
    low: Tensor
    above: Tensor
    limits: Tensor

    @classmethod
    def of(cls, before_BCT: Tensor, after_BCT: Tensor, function: str) -> _Heard:
        peak, low = after_BCT.amax(2), after_BCT.amin(2)
        mean = after_BCT.mean(2)
        # What is never below 0 is its own magnitude.
        strength = mean if bool(low.ge(0).all()) else after_BCT.abs().mean(2)
        above = _share(before_BCT > 0)
        limits = torch.zeros_like(mean)
        if function in LIMITS:
            least, most = LIMITS[function]
            span = most - least
            near = (after_BCT < least + NEAR * span) | (after_BCT > most - NEAR * span)
            limits = _share(near)
            awake = peak - low > STILL * span
        else:
            awake = above > 0
        return cls(awake, mean, strength, peak, low, above, limits)


def _share(true_BCT: Tensor) -> Tensor:
    """(B, C) of the samples: ones in floats are summed several times as fast as booleans."""
    return true_BCT.float().mean(2)


class Tally:
    """What a layer gave so far, by label."""

    def __init__(self, channels: int, labels: int) -> None:
        shape = (channels, labels)
        self._awake_CK = np.zeros(shape, np.int64)
        self._sums_CK = {
            name: np.zeros(shape) for name in ("mean", "strength", "above", "limits")
        }  # fmt: skip
        self._peak_CK, self._low_CK = np.full(shape, -np.inf), np.full(shape, np.inf)

    def add(self, heard: _Heard, labels_B: NDArray[np.int64]) -> None:
        """Count the clips of a batch in."""
        for label in np.unique(labels_B).tolist():
            chosen = torch.from_numpy(labels_B == label)
            self._awake_CK[:, label] += heard.awake[chosen].sum(0).numpy()
            for name, sums_CK in self._sums_CK.items():
                clips_BC = getattr(heard, name)[chosen]
                sums_CK[:, label] += clips_BC.sum(0, dtype=torch.float64).numpy()
            peak_C, low_C = heard.peak[chosen].amax(0), heard.low[chosen].amin(0)
            self._peak_CK[:, label] = np.maximum(self._peak_CK[:, label], peak_C.numpy())
            self._low_CK[:, label] = np.minimum(self._low_CK[:, label], low_C.numpy())

    def layer(self, of: Stage, words: tuple[str, ...], clips_K: NDArray[np.int64]) -> Layer:
        """The channels of a convolution, of so many clips of each label."""
        none = clips_K == 0
        with np.errstate(invalid="ignore"):
            found = {name: sums_CK / clips_K for name, sums_CK in self._sums_CK.items()}
        found |= {"peak": self._peak_CK, "low": self._low_CK}
        for figure_CK in found.values():
            figure_CK[:, none] = np.nan
        return Layer(
            of.name, of.activation.function, words, clips_K, self._awake_CK,
            **{f"{figure}_CK": found[figure] for figure in FIGURES[1:]},
        )  # fmt: skip


def compute(context: Context, question: DeadQuestion, report: Progress) -> Dead:
    """Every channel of every convolution over the clips of a split.

    Raises:
        LabbenchError: the clips are gone, or are others now.
    """
    clips = clips_of(context.run)
    if clips.meta.fingerprint != question.digest:
        raise DataError("holds other clips now.", where=f"data set {clips.folder.name}",
                        hint="Ask again.")  # fmt: skip
    chosen = listened(clips, context.words, question)
    convs = stages(context.plan)
    tallies = [Tally(one.conv.channels, len(context.words)) for one in convs]
    total, size = len(chosen.rows), _batch(convs)

    def listen(start: int) -> list[_Heard]:
        samples_BT = np.asarray(clips.clips[chosen.rows[start : start + size]], np.float32)
        return _listen(context, convs, torch.from_numpy(samples_BT / np.float32(FULL_SCALE)))

    starts = range(0, total, size)
    report(0, total, "listening to clips")
    with contextlib.closing(spread(listen, starts)) as found:
        for start, heard in zip(starts, found, strict=True):
            labels_B = chosen.labels[start : start + size]
            for tally, one in zip(tallies, heard, strict=True):
                tally.add(one, labels_B)
            report(min(start + size, total), total, "listening to clips")
    clips_K = np.bincount(chosen.labels, minlength=len(context.words)).astype(np.int64)
    layers = tuple(
        tally.layer(one, context.words, clips_K)
        for one, tally in zip(convs, tallies, strict=True)
    )  # fmt: skip
    whole = len(clips.select(context.words, question.split).rows)
    return Dead(question.split, context.words, clips_K, whole, layers)


def _batch(convs: tuple[Stage, ...]) -> int:
    largest = max(4 * one.conv.channels * one.conv.length for one in convs)
    return min(max(BATCH_BYTES // largest, 1), MOST_CLIPS)


def _listen(context: Context, convs: tuple[Stage, ...], samples_BT: Tensor) -> list[_Heard]:
    """Run a batch through the convolutions, keeping no more of each layer than its figures."""
    befores = {before_activation(one) for one in convs}
    functions = {one.activation.name: one.activation.function for one in convs}
    before = x = samples_BT.unsqueeze(1)
    found: list[_Heard] = []
    with torch.inference_mode():
        for name, layer in context.net.named_children():
            x = layer(x)
            if name in befores:
                before = x
            elif name in functions:
                found.append(_Heard.of(before, x, functions[name]))
            if len(found) == len(convs):
                break
    return found
