"""Clips on the device, and the batches made of them.

N clips, B batch, T time samples.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from labbench.presets import Augmentation
from labbench.training.device import free_bytes
from labbench.training.randomness import generator
from labbench.units import FULL_SCALE, SAMPLE_RATE_HZ

RESIDENT_SHARE = 0.5
"""Clips move to the device when they take less than this share of its free memory."""

MAPPED = ("cpu",)
"""Kinds of devices on which clips stay in their mapped file: workers share its pages."""


class ClipStore:
    """The clips of one split, on the device as int16 when they fit, else where they lie.

    Args:
        clips: (M, T) int16 samples, memory-mapped or not, of all splits.
        rows: (N,) rows of `clips` that make this split.
        labels: (N,) class of each.
    """

    def __init__(
        self,
        clips: NDArray[np.int16],
        rows: NDArray[np.int64],
        labels: NDArray[np.int64],
        device: torch.device,
    ) -> None:
        self.device = device
        self.labels_N = torch.from_numpy(labels.astype(np.int64)).to(device)
        needed = len(rows) * clips.shape[1] * clips.itemsize
        fits = needed < RESIDENT_SHARE * free_bytes(device)
        self.resident = fits and device.type not in MAPPED
        self._clips, self._rows = clips, rows
        self._samples_NT: Tensor | None = None
        if self.resident:
            self._samples_NT = torch.from_numpy(np.ascontiguousarray(clips[rows])).to(device)

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, index_B: Tensor) -> tuple[Tensor, Tensor]:
        """Clips (B, T) of float32 in [-1, 1) and their labels (B,), on the device."""
        if self._samples_NT is not None:
            samples_BT = self._samples_NT[index_B.to(self.device)]
        else:
            rows = self._rows[index_B.numpy()]
            samples_BT = torch.from_numpy(self._clips[rows]).to(self.device)
        return samples_BT.float().div_(FULL_SCALE), self.labels_N[index_B.to(self.device)]

    def in_order(self, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All clips once, in their own order."""
        for start in range(0, len(self), batch):
            yield self.take(torch.arange(start, min(start + batch, len(self))))


def epoch_order(count: int, seed: int, epoch: int) -> Tensor:
    """(N,) the order in which an epoch goes through the training clips."""
    return torch.randperm(count, generator=generator(seed, "order", epoch))


def augmented(clips_BT: Tensor, how: Augmentation, seed: int, step: int) -> Tensor:
    """Clips after random time shift, gain and noise, drawn for this step."""
    if how == Augmentation():
        return clips_BT
    rng = generator(seed, "augmentation", step)
    count, length = clips_BT.shape
    draws_3B = torch.rand(3, count, 1, generator=rng).to(clips_BT.device) * 2 - 1
    if how.time_shift_ms:
        most = how.time_shift_ms * SAMPLE_RATE_HZ / 1000
        clips_BT = shifted(clips_BT, (draws_3B[0, :, 0] * most).round().long())
    if how.gain_db:
        clips_BT = clips_BT * 10 ** (draws_3B[1] * how.gain_db / 20)
    if how.noise:
        noise_BT = torch.randn(count, length, generator=rng).to(clips_BT.device)
        clips_BT = clips_BT + noise_BT * draws_3B[2].abs() * how.noise
    return clips_BT


def shifted(clips_BT: Tensor, by_B: Tensor) -> Tensor:
    """Each clip moved later by so many samples (earlier where negative), zeros moving in."""
    length = clips_BT.shape[1]
    source_BT = torch.arange(length, device=clips_BT.device)[None, :] - by_B[:, None]
    inside = (source_BT >= 0) & (source_BT < length)
    return clips_BT.gather(1, source_BT.clamp(0, length - 1)) * inside


def share_of_each(labels: NDArray[np.int64], share: float, seed: int) -> NDArray[np.int64]:
    """Sorted positions of a random share of each class' clips, at least one of each."""
    if share >= 1:
        return np.arange(len(labels))
    rng = generator(seed, "subset", 0)
    kept: list[NDArray[np.int64]] = []
    for label in np.unique(labels):
        of_label = np.flatnonzero(labels == label)
        count = max(1, round(share * len(of_label)))
        kept.append(of_label[torch.randperm(len(of_label), generator=rng)[:count].numpy()])
    return np.sort(np.concatenate(kept))
