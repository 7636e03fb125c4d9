"""What clips of the cells of a confusion matrix have in common.

T samples, F frequency bins, W windows, M moments.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from labbench.architecture.stages import Stage
from labbench.audio.progress import Progress
from labbench.audio.stft import spectrogram
from labbench.errors import DataError
from labbench.evaluation.sounds import clips_of
from labbench.interpret.attribution.compute import grad_cam
from labbench.interpret.confusion_pair.answer import Means, PairQuestion
from labbench.interpret.context import Context
from labbench.units import CLIP_SAMPLES, FULL_SCALE

RANGE_DB = 70.0
"""Below a clip's loudest by so much counts as silence."""


def compute(context: Context, question: PairQuestion, report: Progress) -> Means:
    """Mean spectrogram and mean Grad-CAM of each cell's clips.

    Every clip counts the same, however loud it is and however strong its evidence: spectrograms in
    dB under the clip's loudest, evidence in shares of the clip's greatest.

    Raises:
        LabbenchError: the clips are gone, or there is no such layer.
    """
    one = context.stage(question.layer)
    clips = clips_of(context.run)
    if clips.meta.fingerprint != question.digest:
        raise DataError("holds other clips now.", where=str(clips.folder), hint="Ask again.")
    shape = spectrogram(np.zeros(CLIP_SAMPLES))
    decibels, evidence = [], []
    done, total = 0, sum(map(len, question.rows))
    for rows, word in zip(question.rows, question.words, strict=True):
        levels_FW = np.zeros(shape.power_FW.shape)
        strength_M = np.zeros(one.conv.length)
        for row in rows:
            report(done, total, "comparing clips")
            samples_T = np.asarray(clips.clips[row], np.float32) / np.float32(FULL_SCALE)
            levels_FW += spectrogram(samples_T).decibels(RANGE_DB)
            strength_M += _evidence(context, samples_T, word, one)
            done += 1
        decibels.append(levels_FW / len(rows) if rows else np.full_like(levels_FW, -RANGE_DB))
        evidence.append(strength_M / max(len(rows), 1))
    return Means(
        layer=question.layer, rows=question.rows,
        decibels_CFW=np.stack(decibels).astype(np.float32),
        frequencies_hz=shape.frequencies_hz, times_s=shape.times_s,
        evidence_CM=np.stack(evidence).astype(np.float32), rate_hz=one.rate_hz, start_s=one.start_s,
    )  # fmt: skip


def _evidence(
    context: Context, samples_T: NDArray[np.float32], word: str, one: Stage
) -> NDArray[np.float64]:
    """(M,) Grad-CAM in shares of its greatest value; zeros where nothing speaks for the word."""
    clip_1T = torch.from_numpy(samples_T)[None]
    label, layer = context.words.index(word), one.activation.name
    found_M = grad_cam(context.net, clip_1T, label, layer).numpy()
    greatest = float(found_M.max())
    return found_M.astype(np.float64) / greatest if greatest > 0 else np.zeros(len(found_M))
