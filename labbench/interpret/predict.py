"""What the net takes a sound for, window by window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from labbench.audio.progress import Progress
from labbench.audio.sound import read_whole
from labbench.errors import DataError
from labbench.interpret.context import Context
from labbench.results.inside.heard import Heard, of_file, samples_of
from labbench.results.inside.predict import AskPredict, outline, window_starts
from labbench.results.sounds import clips_of
from labbench.runs.analyses import Analysis
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ

BATCH = 16
"""Windows that go through the net together."""


def predict(context: Context, ask: AskPredict, report: Progress) -> Analysis:
    """The logits of every window of one second, the first from the sound's beginning.

    Raises:
        LabbenchError: the sound is gone, or cannot be read.
    """
    report(0, 0, "reading")
    samples, about = _sound(context, ask.clip)
    starts = window_starts(len(samples), ask.stride_ms)
    whole = np.pad(samples, (0, max(CLIP_SAMPLES - len(samples), 0)))
    windows = np.lib.stride_tricks.sliding_window_view(whole, CLIP_SAMPLES)
    found = []
    with torch.inference_mode():
        for first in range(0, len(starts), BATCH):
            report(first, len(starts), "listening")
            batch_BT = torch.from_numpy(windows[starts[first : first + BATCH]])
            found.append(context.net(batch_BT).numpy())
    return Analysis(
        {
            "logits": np.concatenate(found),
            "starts": starts / SAMPLE_RATE_HZ,
            "outline": outline(whole),
        },
        {**about, "words": list(context.words)},
    )


def _sound(context: Context, clip: Heard) -> tuple[NDArray[np.float32], dict[str, float]]:
    """(T,) all that can be heard, and what the sound is like."""
    if clip.row >= 0:
        samples = samples_of(context.run, clip)
        length = min(int(clips_of(context.run).lengths[clip.row]), CLIP_SAMPLES)
        about = {"seconds": length / SAMPLE_RATE_HZ, "rate_hz": SAMPLE_RATE_HZ, "channels": 1}
        return samples, about
    path = Path(clip.path)
    if of_file(path).digest != clip.digest:
        raise DataError("holds another sound now.", where=clip.path, hint="Ask again.")
    whole = read_whole(path)
    seconds = len(whole.samples) / SAMPLE_RATE_HZ
    about = {"seconds": seconds, "rate_hz": whole.rate_hz, "channels": whole.channels}
    return whole.samples, about
