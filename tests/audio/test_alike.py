"""The search by blocks finds what all products at once hold, whatever the sizes of blocks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from labbench.audio import alike
from labbench.audio.ahead import crew
from labbench.audio.alike import PRINT, Pairs, Prints, likeliest
from labbench.audio.progress import Progress, silent
from labbench.errors import DataError

LEAST = 0.55


def prints(count: int, seed: int, copies: int = 40) -> NDArray[np.float32]:
    """(M, P) of length 1; some are others with noise, more or less of it."""
    rng = np.random.default_rng(seed)
    found = rng.standard_normal((count, PRINT))
    for noise, (first, second) in zip(
        np.linspace(0.1, 2, copies), rng.integers(0, count, (copies, 2)), strict=True
    ):
        found[second] = found[first] + noise * rng.standard_normal(PRINT)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def by_blocks(
    prints_MP: NDArray[np.float32], wanted_M: NDArray[np.bool_], most: int,
    progress: Progress = silent,
) -> Pairs:  # fmt: skip
    with Prints() as kept, crew("test") as threads:
        for start in range(0, len(prints_MP), 7):
            kept.append(prints_MP[start : start + 7])
        return likeliest(kept, wanted_M, LEAST, most, threads, progress)


def at_once(
    prints_MP: NDArray[np.float32], wanted_M: NDArray[np.bool_]
) -> dict[tuple[int, int], float]:
    """All pairs and their products, by numpy alone, the likeliest first."""
    products = prints_MP.astype(np.float64) @ prints_MP.astype(np.float64).T
    products[~wanted_M], products[:, ~wanted_M] = 0, 0
    found = np.argwhere(np.triu(products, 1) >= LEAST).tolist()
    values = {(a, b): float(products[a, b]) for a, b in found}
    return dict(sorted(values.items(), key=lambda one: -one[1]))


@pytest.mark.parametrize(("block", "tile"), [(4096, 512), (64, 16), (50, 16), (31, 8), (10, 64)])
def test_all_pairs_that_are_alike_are_found(
    block: int, tile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alike, "BLOCK", block)
    monkeypatch.setattr(alike, "TILE", tile)
    for seed, count in enumerate((300, 128, 65, 1)):
        held = prints(count, seed)
        wanted = np.random.default_rng(seed).random(count) < 0.9
        found, right = by_blocks(held, wanted, 1000), at_once(held, wanted)
        assert found.complete
        assert {tuple(pair) for pair in found.places_K2.tolist()} == right.keys()
        np.testing.assert_allclose(found.likeness_K, [*right.values()], atol=1e-6)
        assert count == 1 or 5 < len(right) < 100


def test_of_too_many_pairs_the_likeliest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "BLOCK", 32)
    monkeypatch.setattr(alike, "TILE", 8)
    held = prints(300, 0, copies=200)
    everything = np.ones(300, bool)
    right = at_once(held, everything)
    found = by_blocks(held, everything, 20)
    assert not found.complete
    assert len(right) > 60
    assert [tuple(pair) for pair in found.places_K2.tolist()] == [*right][:20]


def test_no_prints_have_no_pairs() -> None:
    for count in (0, 3):
        found = by_blocks(prints(3, 0, 0)[:count], np.zeros(count, bool), 10)
        assert found.complete
        assert found.places_K2.shape == (0, 2)


def test_it_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "BLOCK", 16)

    def stop(done: int, total: int, what: str, /) -> None:
        assert (total, what) == (300, "comparing pairs")
        if done > 100:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        by_blocks(prints(300, 0), np.ones(300, bool), 10, stop)


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with Prints() as kept, Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr(kept, "_file", full)
        with pytest.raises(DataError, match="No space left"):
            kept.append(prints(3, 0, 0))
