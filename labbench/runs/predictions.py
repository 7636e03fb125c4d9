"""What a net said of every clip of a split: all metrics are derived from it.

N clips, K classes. Kept as safetensors, read without torch.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from labbench import paths
from labbench.errors import RunError
from labbench.runs.files import write_atomic

Split = Literal["validation", "test"]


@dataclass(frozen=True, slots=True)
class Predictions:
    """Logits of one split at one epoch."""

    split: str
    epoch: int
    words: tuple[str, ...]
    clips: NDArray[np.int64]
    """(N,) row of each clip in its data set."""
    names: tuple[str, ...]
    """N names of the clips in their source."""
    actual: NDArray[np.int64]
    """(N,) index of the class into `words`."""
    logits: NDArray[np.float32]
    """(N, K)"""

    @property
    def predicted(self) -> NDArray[np.int64]:
        """(N,) index of the class with the highest logit."""
        best: NDArray[np.int64] = self.logits.argmax(axis=1)
        return best

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """(N, K) softmax of the logits."""
        return softmax(self.logits)


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """(..., K) probabilities of logits (..., K)."""
    exact = logits.astype(np.float64)
    odds: NDArray[np.float64] = np.exp(exact - exact.max(axis=-1, keepdims=True))
    odds /= odds.sum(axis=-1, keepdims=True)
    return odds


def write(path: Path, predictions: Predictions) -> None:
    """Replace the file atomically.

    Raises:
        RunError: the disk is full.
    """
    from safetensors.numpy import save

    arrays: dict[str, NDArray[Any]] = {
        "clips": predictions.clips,
        "actual": predictions.actual,
        "logits": np.ascontiguousarray(predictions.logits),
    }
    about = {
        "split": predictions.split,
        "epoch": str(predictions.epoch),
        "words": json.dumps(predictions.words),
        "names": json.dumps(predictions.names),
    }
    write_atomic(path, save(arrays, metadata=about), within=path.parents[2])


def read(path: Path) -> Predictions:
    """The predictions of a file.

    Raises:
        RunError: there is none, or it is damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(paths.plain(path), framework="numpy") as file:
            about = file.metadata()
            found = Predictions(
                split=about["split"],
                epoch=int(about["epoch"]),
                words=msgspec.json.decode(about["words"], type=tuple[str, ...]),
                clips=file.get_tensor("clips"),
                names=msgspec.json.decode(about["names"], type=tuple[str, ...]),
                actual=file.get_tensor("actual"),
                logits=file.get_tensor("logits"),
            )
            _check(found)
            return found
    except FileNotFoundError:
        raise RunError(
            "there are no predictions yet.", where=str(path),
            hint="They come with the first complete epoch (validation) and the end (test).",
        ) from None  # fmt: skip
    except (
        SafetensorError,
        msgspec.MsgspecError,
        KeyError,
        ValueError,
        TypeError,
        OSError,
    ) as error:
        raise RunError(f"cannot be read: {error}.", where=str(path)) from None


def _check(found: Predictions) -> None:
    """Whether the parts of a file fit together.

    Raises:
        ValueError: they do not.
    """
    N, K = len(found.names), len(found.words)
    shapes = found.clips.shape, found.actual.shape, found.logits.shape
    if not K or shapes != ((N,), (N,), (N, K)):
        raise ValueError(f"{N} names and {K} words do not fit arrays of {shapes}")
    if found.clips.dtype.kind not in "iu" or found.actual.dtype.kind not in "iu":
        raise ValueError("clips and classes must be whole numbers")
    if N and (found.actual.min() < 0 or found.actual.max() >= K or found.clips.min() < 0):
        raise ValueError(f"a clip or class is outside its range (0 to {K - 1} for classes)")
