"""The time axis below pictures that share it."""

from __future__ import annotations


def labels(whole_s: float, columns: int, gutter: int = 0, *, start_s: float = 0.0) -> str:
    """Seconds at every quarter of `columns` cells, fewer where there is no room for them.

    The last ends at the right edge.

    Args:
        gutter: cells left free at the left.
    """
    line = [" "] * (gutter + columns)
    for part in range(0, 5, 1 if columns >= 28 else 2 if columns >= 12 else 4):
        seconds = start_s + whole_s * part / 4
        label = f"{round(seconds, 2):g}s" if seconds else "0"
        start = gutter + round(columns * part / 4) - (len(label) if part == 4 else 0)
        if start >= 0 and start + len(label) <= len(line):
            line[start : start + len(label)] = label
    return "".join(line)
