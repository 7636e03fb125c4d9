"""Sounds as varied as speech, and what is done to copies of them."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

Samples = NDArray[np.float64]


def voice(seed: int, seconds: float = 1.0) -> Samples:
    """A gliding harmonic sound in bursts with some noise, full scale 1."""
    rng = np.random.default_rng([7, seed])
    count = round(seconds * 16_000)
    time = np.arange(count) / 16_000
    pitch = rng.uniform(90, 220) * (1 + rng.uniform(-0.2, 0.2) * np.sin(rng.uniform(2, 6) * time))
    phase = 2 * np.pi * np.cumsum(pitch) / 16_000
    sound = sum(np.sin(n * phase + rng.uniform(0, 6)) * rng.uniform(0.2, 1) / n
                for n in range(1, 16))  # fmt: skip
    burst = np.exp(-(((time - rng.uniform(0.35, 0.55)) / rng.uniform(0.1, 0.2)) ** 2))
    return 0.2 * sound * burst + 0.004 * rng.standard_normal(count)


def int16(samples: Samples) -> NDArray[np.int16]:
    return np.clip(np.rint(samples * 32_768), -32_768, 32_767).astype(np.int16)


def coded(samples: Samples, kind: str, subtype: str) -> Samples:
    """What is left of a sound after a lossy coding."""
    target = io.BytesIO()
    soundfile.write(target, samples, 16_000, format=kind, subtype=subtype)
    target.seek(0)
    found: Samples = soundfile.read(target)[0]
    return np.pad(found, (0, max(0, len(samples) - len(found))))[: len(samples)]


def shifted(samples: Samples, by: int) -> Samples:
    """Later by so many samples (earlier where negative), silence where nothing is left."""
    moved = np.roll(samples, by)
    moved[slice(0, by) if by > 0 else slice(by, None)] = 0
    return moved


def wave(samples: Samples, rate_hz: int = 16_000) -> bytes:
    """A wav file of samples (T,) or (T, channels), full scale 1."""
    target = io.BytesIO()
    soundfile.write(target, samples, rate_hz, format="WAV", subtype="PCM_16")
    return target.getvalue()
