"""The features a net gives clips: flattened, or a convolution pooled over time.

B batch, C channels, T time samples, N clips, D features.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from labbench.audio.progress import Progress
from labbench.errors import RunError
from labbench.evaluation.sounds import clips_of
from labbench.interpret.context import Context, outputs
from labbench.interpret.features.answer import (
    MOST_FEATURES,
    PROJECTED,
    Features,
    FeaturesQuestion,
    drawn,
    most_clips,
)
from labbench.interpret.features.options import FLATTEN
from labbench.units import FULL_SCALE

BATCH = 32

Shape = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def compute(context: Context, question: FeaturesQuestion, report: Progress) -> Features:
    """The features of a split's clips in batches, and the net's logits beside them.

    Raises:
        LabbenchError: there is no such layer, the clips are gone, or the net gives no finite
            numbers.
    """
    clips = clips_of(context.run)
    selected = clips.select(context.words, question.split)
    size = _size(context, question)
    chosen = drawn(selected.labels, most_clips(size, question.limit))
    rows, labels = selected.rows[chosen], selected.labels[chosen]
    shape = _projection(size)
    name = FLATTEN if question.layer == FLATTEN else context.stage(question.layer).activation.name
    found: list[NDArray[np.float32]] = []
    logits: list[NDArray[np.float32]] = []
    for start in range(0, len(rows), BATCH):
        report(start, len(rows), f"features of {question.split} clips")
        samples = np.asarray(clips.clips[rows[start : start + BATCH]], np.float32)
        with torch.inference_mode():
            clips_BT = torch.from_numpy(samples).div_(FULL_SCALE)
            logits_BK, given = outputs(context.net, clips_BT, {name})
            found.append(shape(_pooled(given[name], question).numpy()))
        logits.append(logits_BK.numpy())
    features_ND = np.concatenate(found)
    if not np.isfinite(features_ND).all():
        raise RunError(
            "its features are not finite.", where=context.run.id,
            hint="The net has diverged: train it anew with a lower learning rate.",
        )  # fmt: skip
    return Features(
        layer=question.layer, pool=question.pool, split=question.split, features_ND=features_ND,
        rows_N=rows, labels_N=labels, logits_NK=np.concatenate(logits), words=context.words,
        total=len(selected.rows), size=size,
    )  # fmt: skip


def _size(context: Context, question: FeaturesQuestion) -> int:
    """Features a clip."""
    if question.layer == FLATTEN:
        return context.plan.features
    return context.stage(question.layer).conv.channels


def _pooled(x: Tensor, question: FeaturesQuestion) -> Tensor:
    """(B, D) of what the layer gives."""
    if question.layer == FLATTEN:
        return x
    return x.amax(dim=2) if question.pool == "max" else x.mean(dim=2)


def _projection(size: int) -> Shape:
    """What is done to (B, size) features: nothing, or a random projection where they are many.

    It keeps distances nearly as they are (P. Li et al., "Very sparse random projections", KDD
    2006); the same for every split.
    """
    if size <= MOST_FEATURES:
        return lambda features_BD: features_BD
    from sklearn.random_projection import SparseRandomProjection

    projection = SparseRandomProjection(PROJECTED, random_state=0)
    projection.fit(np.zeros((1, size), np.float32))
    return lambda features_BD: projection.transform(features_BD).astype(np.float32)
