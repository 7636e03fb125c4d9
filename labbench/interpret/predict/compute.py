"""What the net takes a sound for, window by window."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from labbench.audio.progress import Progress
from labbench.audio.sound import Whole, read_whole
from labbench.errors import DataError
from labbench.evaluation.sounds import clips_of
from labbench.interpret.clip import ClipRef, of_file, samples_of
from labbench.interpret.context import Context
from labbench.interpret.predict.answer import Outline, Predicted, PredictQuestion, window_starts
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ

Samples = NDArray[np.float32]

BATCH = 16
"""Windows that go through the net together."""


def compute(context: Context, question: PredictQuestion, report: Progress) -> Predicted:
    """The logits of every window of one second, the first from the sound's beginning.

    However long the sound is, a piece of it at a time is in memory.

    Raises:
        LabbenchError: the sound is gone, cannot be read, or is too long for the stride.
    """
    report(0, 0, "reading")
    with _sound(context, question.clip) as (whole, length_s):
        try:
            starts = window_starts(whole.length, question.stride_ms)
        except DataError as error:
            raise DataError(error.what, where=question.clip.path, hint=error.hint) from None
        outline = Outline(whole.length)
        windows = _windows(_seen(whole.pieces, outline), starts)
        found = []
        with torch.inference_mode():
            for first in range(0, len(starts), BATCH):
                report(first, len(starts), "listening")
                batch_BT = torch.from_numpy(np.stack(list(islice(windows, BATCH))))
                found.append(context.net(batch_BT).numpy())
    return Predicted(
        clip=question.clip, stride_ms=question.stride_ms, words=context.words,
        logits_WK=np.concatenate(found), starts_s=starts / SAMPLE_RATE_HZ, seconds=length_s,
        rate_hz=whole.rate_hz, channels=whole.channels, outline=outline.drawn(),
    )  # fmt: skip


def _seen(pieces: Iterator[Samples], outline: Outline) -> Iterator[Samples]:
    for piece in pieces:
        outline.add(piece)
        yield piece


def _windows(pieces: Iterator[Samples], starts: NDArray[np.int64]) -> Iterator[Samples]:
    """(T,) one second from each start on, with zeros where the sound ends before."""
    held, begin = np.empty(0, np.float32), 0
    waiting = deque(starts.tolist())
    for piece in pieces:
        held = np.concatenate([held, piece])
        while waiting and waiting[0] + CLIP_SAMPLES <= begin + len(held):
            at = waiting.popleft() - begin
            yield held[at : at + CLIP_SAMPLES]
        past = min(waiting[0] - begin, len(held)) if waiting else len(held)
        held, begin = held[past:], begin + past
    for start in waiting:
        rest = held[start - begin :]
        yield np.pad(rest, (0, CLIP_SAMPLES - len(rest)))


@contextmanager
def _sound(context: Context, clip: ClipRef) -> Iterator[tuple[Whole, float]]:
    """All that can be heard, and how many seconds of it are the sound's own."""
    if clip.row >= 0:
        samples = samples_of(context.run, clip)
        length = min(int(clips_of(context.run).lengths[clip.row]), CLIP_SAMPLES)
        whole = Whole(len(samples), SAMPLE_RATE_HZ, 1, iter([samples]))
        yield whole, length / SAMPLE_RATE_HZ
        return
    path = Path(clip.path)
    if of_file(path).digest != clip.digest:
        raise DataError("holds another sound now.", where=clip.path, hint="Ask again.")
    with read_whole(path) as whole:
        yield whole, whole.length / SAMPLE_RATE_HZ
