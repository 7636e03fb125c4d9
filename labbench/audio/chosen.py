"""Which clips a run of a preset gets. Loads no numpy: front ends may call it."""

from __future__ import annotations

from dataclasses import dataclass

from labbench import paths
from labbench.audio.library import AUTO, SYNTHETIC, auto_name, data_set_names, fingerprint_of
from labbench.audio.meta import Meta, read_meta
from labbench.errors import LabbenchError
from labbench.presets import Preset
from labbench.runs.identity import Clips


def clips_of(preset: Preset) -> Clips:
    """The clips that a new run of a preset gets.

    Raises:
        DataError: several could be meant.
    """
    name = preset.data.name
    if name == AUTO:
        name = auto_name(preset.data.words)
    return Clips(name, fingerprint_of(name))


SYNTHETIC_CLIPS = (4_800, 600)
"""Training and validation clips of a synthetic set that is still to be made."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Clips an epoch goes through."""

    train: float
    validation: float


def epoch_clips(preset: Preset, data_set: str) -> Counts | None:
    """The clips of an epoch on a data set; None where nothing tells it."""
    return counts_of(preset, _meta(data_set))


def counts_of(preset: Preset, meta: Meta | None) -> Counts | None:
    """The clips of an epoch by what a data set says of itself; words are taken as equally many."""
    share = preset.data.train_share
    if meta is None:
        if preset.data.name not in (SYNTHETIC, AUTO):
            return None
        train, validation = SYNTHETIC_CLIPS
        return Counts(train * share, validation)
    known = set(meta.words)
    words = sum(word in known for word in preset.data.words) / max(len(known), 1)
    split = meta.clips_by_split
    return Counts(split.get("train", 0) * words * share, split.get("validation", 0) * words)


def _meta(name: str) -> Meta | None:
    if name not in data_set_names():
        return None
    try:
        return read_meta(paths.clips_dir() / name)
    except LabbenchError:
        return None
