"""A tiny data set of tones and a preset that learns it in seconds: for tests of real runs."""

from __future__ import annotations

import numpy as np

from labbench.audio.clips import Clips, open_clips
from labbench.audio.store import Columns, Description, building
from labbench.presets import Preset, from_tree

WORDS = ("low", "middle", "high")
COUNTS = {"train": 36, "validation": 12, "test": 15}


def make_clips(name: str = "tones", seed: int = 0) -> Clips:
    """Tones of three pitches in noise, one second each."""
    rng = np.random.default_rng(seed)
    time = np.arange(16_000) / 16_000
    columns = Columns()
    with building(name, replace=True) as writer:
        for split, (part, count) in enumerate(COUNTS.items()):
            for index in range(count):
                label = index % 3
                tone = np.sin(2 * np.pi * (200 * 3**label) * time + rng.uniform(0, 6))
                clip = 9000 * tone + rng.normal(0, 3000, 16_000)
                writer.append(clip.astype(np.int16)[None])
                columns.names.append(f"{WORDS[label]}/{part}{index}.wav")
                columns.words.append(WORDS[label])
                columns.splits.append(split)
                columns.speakers.append(f"{part}-speaker")
                columns.lengths.append(16_000)
                columns.flags.append(0)
        writer.finish(columns, Description("folder", WORDS, "by hand", "made for a test"))
    return open_clips(name)


def preset(**training: object) -> Preset:
    """A small net with dropout and batch norm on the tiny data set."""
    return from_tree(
        {
            "name": "tiny",
            "model": {"convs": 4, "channels": 4, "dropout": 0.2, "batch_norm": True},
            "data": {"name": "tones", "words": list(WORDS)},
            "augmentation": {"time_shift_ms": 20.0},
            "optimizer": {"learning_rate": 0.003},
            "training": {
                "batch": 8, "epochs": 4, "patience": 0, "device": "cpu", "checkpoint_every_s": 0.3,
                **training,
            },
        },
        "tests/tiny.py",
    )  # fmt: skip
