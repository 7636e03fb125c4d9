"""Runs that an earlier engine trained wrongly: told from what their folders hold.

The CPU engine's arithmetic has a revision. Each attempt at a run writes it into the log; the
status keeps that of the first one, so that a listing looks into no other file of a sound run.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import msgspec

from labbench import paths
from labbench.architecture import Conv, MaxPool, Plan
from labbench.errors import LabbenchError
from labbench.presets import Preset
from labbench.runs.events import Started, decode
from labbench.runs.folder import RunFolder
from labbench.runs.status import Status
from labbench.text import shell_quoted

ENGINE = 1
"""Revision of the CPU engine's arithmetic. Runs from before it was told have 0."""

CHUNK_BYTES = 2_500_000
"""Size of the largest array that a chunk of clips made in revision 0."""

STARTED = b'{"type":"started"'


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a run's training, and the way out."""

    what: str
    hint: str

    def __str__(self) -> str:
        return f"{self.what} {self.hint}"


def flaw(run: RunFolder, status: Status) -> Flaw | None:
    """What is wrong with a run's training; None for a sound one."""
    if status.engine >= ENGINE or not status.attempt or not _uses_gelu(run, status):
        return None
    if not _gelu_went_wrong(run.path, status.attempt):
        return None
    return Flaw(
        "trained wrongly: an earlier labbench computed gelu incorrectly on the CPU in nets as "
        "narrow as this one; no table counts it.",
        f"Train it again: labbench run {shell_quoted(str(run.path / 'preset.toml'))}",
    )


_gelu_by_settings: dict[str, bool] = {}


def _uses_gelu(run: RunFolder, status: Status) -> bool:
    """Whether a run's activation is gelu; runs with the same settings are looked into once."""
    key = status.settings or str(run.path)
    if key not in _gelu_by_settings:
        try:
            _gelu_by_settings[key] = b"gelu" in paths.read(run.path / "preset.toml")
        except OSError:
            return False
    return _gelu_by_settings[key]


@functools.lru_cache(maxsize=4096)
def _gelu_went_wrong(path: Path, attempt: int) -> bool:
    """Whether an attempt at a run was made on a CPU by revision 0, in a net that it spoilt."""
    run = RunFolder(path)
    try:
        preset, about = run.preset(), run.about()
        spoilt = any(_spoilt(one, preset) for one in _attempts(run.events_path))
    except (LabbenchError, OSError, ValueError):
        return False
    # oneDNN, whose gelu it was, is no part of torch on macOS.
    return spoilt and not str(about.get("platform", "")).startswith("macOS")


def _attempts(log: Path) -> Iterator[Started]:
    """The attempts at a run, found without decoding what lies between."""
    with paths.opened(log) as file:
        for line in file:
            if line.startswith(STARTED):
                try:
                    event = decode(line)
                except msgspec.MsgspecError:
                    continue
                if isinstance(event, Started):
                    yield event


def _spoilt(attempt: Started, preset: Preset) -> bool:
    if attempt.engine or not attempt.device.startswith("cpu") or preset.model.activation != "gelu":
        return False
    clips = -(-preset.training.batch // max(1, attempt.threads))
    return any(
        min(chunk, clips) > 1 for chunk in into_padding(preset.plan, preset.model.batch_norm)
    )


def into_padding(plan: Plan, batch_norm: bool) -> Iterator[int]:
    """Clips at a time of each convolution of revision 0 whose activation wrote into padded rows.

    That is: no pooling follows it, and the next one's kernel is longer than 1. Without batch norm
    the chunks of later convolutions were cut from one another.
    """
    chunks = [_chunk(conv) for conv in plan.convs]
    layers = list(plan)
    for depth, (conv, following) in enumerate(pairwise(plan.convs)):
        between = layers[layers.index(conv) : layers.index(following)]
        if following.kernel > 1 and not any(isinstance(layer, MaxPool) for layer in between):
            yield chunks[depth] if batch_norm else min(chunks[depth:])


def _chunk(conv: Conv) -> int:
    rows = conv.length + 2 * (conv.kernel - 1) - conv.left - conv.right
    return max(1, CHUNK_BYTES // (rows * max(conv.channels, conv.in_channels) * 4))
