"""Figures as people read them: durations, sizes, rates, accuracies, differences."""

from __future__ import annotations

import math

SAMPLE_RATE_HZ = 16_000
"""Sample rate of every clip, in Hz."""

CLIP_SAMPLES = 16_000
"""Samples of every clip: one second."""

FULL_SCALE = 32_768
"""The int16 magnitude that is amplitude 1: clips are float32 in [-1, 1)."""

MISSING = "·"
"""Shown where there is no figure."""


def accuracy(value: float | None) -> str:
    """Four places: `0.9533`."""
    return MISSING if value is None or math.isnan(value) else f"{value:.4f}"


def difference(value: float | None) -> str:
    """A signed difference with an arrow, so that colour is never alone: `▲ +0.0008`."""
    if value is None or math.isnan(value):
        return MISSING
    if abs(value) < 0.00005:
        return "= 0.0000"
    return f"{'▲' if value > 0 else '▼'} {value:+.4f}"


def loss(value: float) -> str:
    """Four places, and of what has grown out of all measure three digits: `0.1234`, `3.4e+38`."""
    return f"{value:.4f}" if not abs(value) >= 1e4 else f"{value:.3g}"


def duration(seconds: float | None) -> str:
    """`0.4s`, `38s`, `12m 05s`, `3h 20m`, `2d 04h`."""
    if seconds is None or math.isnan(seconds) or math.isinf(seconds):
        return MISSING
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    if whole < 86_400:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 86_400}d {whole % 86_400 // 3600:02d}h"


def size(count: float | None) -> str:
    """Bytes in decimal units: `2.4 GB`."""
    if count is None:
        return MISSING
    for unit in ("B", "kB", "MB"):
        if abs(count) < 999.5:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB" if abs(count) < 999.5 else f"{count:,.0f} GB"


def whole(count: int | None) -> str:
    """A count with thousands separated: `51,017`."""
    return MISSING if count is None else f"{count:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 clip`, `2 clips`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
