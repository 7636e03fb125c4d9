"""The words of the report."""

from __future__ import annotations

DEFAULT_WORDS: tuple[str, ...] = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "bed", "bird", "cat", "dog", "house", "tree",
)  # fmt: skip
"""The report's 16 words in its own order, which is the order of its classes."""
