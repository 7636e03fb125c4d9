from __future__ import annotations

import numpy as np
import pytest
import torch

from labbench.presets import Augmentation
from labbench.training import batches
from labbench.training.batches import ClipStore, augmented, epoch_order, share_of_each, shifted

CPU = torch.device("cpu")


@pytest.fixture
def clips() -> np.ndarray:
    return np.random.default_rng(0).integers(-32768, 32767, (20, 50), dtype=np.int16)


@pytest.mark.parametrize("resident", [True, False])
def test_clips_are_taken_by_row_and_scaled(
    clips: np.ndarray, resident: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MAPPED", ())
    monkeypatch.setattr(batches, "RESIDENT_SHARE", 0.5 if resident else 0.0)
    rows, labels = np.array([3, 7, 8, 19]), np.array([0, 1, 1, 2])
    store = ClipStore(clips, rows, labels, CPU)
    assert store.resident is resident
    taken, classes = store.take(torch.tensor([2, 0]))
    np.testing.assert_array_equal(taken.numpy(), clips[[8, 3]] / np.float32(32768))
    assert classes.tolist() == [1, 0]
    assert [len(part) for part, _ in store.in_order(3)] == [3, 1]


def test_an_epochs_order_is_a_permutation_of_its_own() -> None:
    first, again, second = (epoch_order(100, seed=5, epoch=e) for e in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, second)
    assert sorted(second.tolist()) == list(range(100))


def test_shift_moves_zeros_in() -> None:
    clip = torch.tensor([[1.0, 2, 3, 4]]).repeat(3, 1)
    moved = shifted(clip, torch.tensor([1, -2, 0]))
    assert moved.tolist() == [[0, 1, 2, 3], [3, 4, 0, 0], [1, 2, 3, 4]]


def test_no_augmentation_is_no_change() -> None:
    clip = torch.randn(2, 30)
    assert augmented(clip, Augmentation(), 0, 0) is clip


def test_augmentation_is_drawn_for_each_step() -> None:
    clip = torch.randn(4, 200)
    how = Augmentation(time_shift_ms=5, gain_db=6, noise=0.1)
    one, again, other = (augmented(clip, how, 3, step) for step in (7, 7, 8))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_gain_and_noise_stay_within_what_was_asked() -> None:
    clip = torch.full((500, 40), 0.5)
    gained = augmented(clip, Augmentation(gain_db=6), 0, 0)
    decibels = 20 * torch.log10(gained[:, 0] / 0.5)
    assert decibels.abs().max() <= 6.001
    assert decibels.min() < -5
    assert decibels.max() > 5
    noise = augmented(torch.zeros(500, 400), Augmentation(noise=0.2), 0, 0)
    assert noise.std(dim=1).max() < 0.25
    assert noise.std(dim=1).max() > 0.15


def test_a_share_keeps_that_much_of_each_class() -> None:
    labels = np.repeat([0, 1, 2], [100, 40, 1])
    kept = share_of_each(labels, 0.25, seed=0)
    assert np.bincount(labels[kept]).tolist() == [25, 10, 1]
    assert (np.diff(kept) > 0).all()
    np.testing.assert_array_equal(kept, share_of_each(labels, 0.25, seed=0))
    assert not np.array_equal(kept, share_of_each(labels, 0.25, seed=1))
    np.testing.assert_array_equal(share_of_each(labels, 1.0, seed=0), np.arange(141))


def test_on_the_cpu_clips_stay_in_their_file(clips: np.ndarray) -> None:
    rows = np.arange(len(clips), dtype=np.int64)
    store = batches.ClipStore(clips, rows, np.zeros(len(clips), np.int64), torch.device("cpu"))
    assert not store.resident
