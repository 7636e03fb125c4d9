"""What a net said of every clip: kept, read back, and what follows from it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.special import softmax

from labbench.errors import RunError
from labbench.runs import Predictions, predictions

CLIPS = 50


@pytest.fixture
def some() -> Predictions:
    rng = np.random.default_rng(0)
    return Predictions(
        split="test",
        epoch=7,
        words=("zero", "größe", "two words"),
        clips=rng.permutation(1000)[:CLIPS].astype(np.int64),
        names=tuple(f"zero/{index}_nohash_0.wav" for index in range(CLIPS)),
        actual=rng.integers(0, 3, CLIPS),
        logits=rng.normal(0, 30, (CLIPS, 3)).astype(np.float32),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test.safetensors"


def same(one: Predictions, other: Predictions) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in dataclasses.fields(Predictions)
    )


def test_read_back_to_the_bit(path: Path, some: Predictions) -> None:
    predictions.write(path, some)
    again = predictions.read(path)
    assert same(again, some)
    assert (again.clips.dtype, again.actual.dtype, again.logits.dtype) == (
        np.int64, np.int64, np.float32,
    )  # fmt: skip
    assert [entry.name for entry in path.parent.glob("*test.safetensors*")] == [path.name]


def test_logits_may_lie_in_any_order_in_memory(path: Path, some: Predictions) -> None:
    turned = dataclasses.replace(some, logits=np.asfortranarray(some.logits))
    predictions.write(path, turned)
    assert same(predictions.read(path), some)


def test_writing_replaces(path: Path, some: Predictions) -> None:
    predictions.write(path, some)
    predictions.write(path, dataclasses.replace(some, epoch=8))
    assert predictions.read(path).epoch == 8


def test_none_yet(path: Path) -> None:
    with pytest.raises(RunError, match="there are no predictions yet") as caught:
        predictions.read(path)
    assert caught.value.where == str(path)
    assert "first complete epoch" in caught.value.hint


def test_a_damaged_file(path: Path, some: Predictions) -> None:
    predictions.write(path, some)
    whole = path.read_bytes()
    for content in (b"", b"what?", whole[:100], whole[:-8], b"\xff" * 64):
        path.write_bytes(content)
        with pytest.raises(RunError, match="cannot be read") as caught:
            predictions.read(path)
        assert caught.value.where == str(path)


@pytest.mark.parametrize(
    "about",
    [
        None,
        {"split": "test"},
        {"split": "test", "epoch": "x", "words": "[]", "names": "[]"},
        {"split": "test", "epoch": "1", "words": "3", "names": "[]"},
        {"split": "test", "epoch": "1", "words": "[", "names": "[]"},
    ],
)
def test_a_foreign_file(path: Path, about: dict[str, str] | None) -> None:
    save_file({"logits": np.zeros((1, 2), np.float32)}, path, metadata=about)
    with pytest.raises(RunError, match="cannot be read"):
        predictions.read(path)


def test_a_full_disk_keeps_the_old_ones(tiny_disk: Path, some: Predictions) -> None:
    path = tiny_disk / "test.safetensors"
    predictions.write(path, some)
    large = dataclasses.replace(some, logits=np.zeros((CLIPS, 1000), np.float32))
    with pytest.raises(RunError, match="the disk is full"):
        predictions.write(path, large)
    assert same(predictions.read(path), some)
    assert len(list(tiny_disk.iterdir())) == 1


def test_predicted_is_the_highest_logit(some: Predictions) -> None:
    expected = [max(range(3), key=lambda k: row[k]) for row in some.logits.tolist()]
    assert some.predicted.tolist() == expected
    assert some.predicted.dtype == np.int64


def test_probabilities_are_the_softmax(some: Predictions) -> None:
    wild = np.array([[1e30, 0, -1e30], [-9e4, -9e4, -9e4], [88.0, 89.0, 90.0]], np.float32)
    logits = np.concatenate([some.logits, wild])
    one = dataclasses.replace(some, logits=logits)
    np.testing.assert_allclose(
        one.probabilities, softmax(logits.astype(np.float64), axis=1), rtol=1e-12, atol=1e-300
    )
    np.testing.assert_allclose(one.probabilities.sum(axis=1), 1, rtol=1e-12)
