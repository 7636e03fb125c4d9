"""Small pictures in a line of text: states, bars, sparklines, shortened words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from labbench import units
from labbench.draw.palette import Theme
from labbench.draw.plain import Text

STATES: dict[str, str] = {
    "queued": "◷",
    "starting": "◌",
    "running": "●",
    "finished": "✔",
    "stopped": "■",
    "failed": "✖",
    "lost": "?",
}
"""The sign of each state of a run."""

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEFT_DOTS = (0, 0x40, 0x44, 0x46, 0x47)
_RIGHT_DOTS = (0, 0x80, 0xA0, 0xB0, 0xB8)


def state(name: str, theme: Theme) -> Text:
    """Sign and word of a state: `● running`."""
    colours = {
        "running": theme.accent, "starting": theme.accent, "finished": theme.good,
        "failed": theme.bad, "lost": theme.bad, "stopped": theme.warn,
    }  # fmt: skip
    return Text(f"{STATES.get(name, '?')} {name}", style=colours.get(name, theme.muted))


def synthetic(theme: Theme) -> Text:
    """What stands beside everything that comes from synthetic speech."""
    return Text("  SYNTHETIC speech", f"bold {theme.warn}")


def bar(share: float, width: int) -> str:
    """A bar of `width` cells, filled to `share` (0 to 1, clipped), in eighths of a cell."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8) if not math.isnan(share) else 0
    full, part = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[part] if part else "")).ljust(width)


def sparkline(values: Sequence[float], width: int) -> str:
    """A course in `width` cells of braille, two values a cell; NaN leaves a gap.

    More values than fit are averaged in groups; the scale runs from the least to the greatest.
    """
    if not len(values) or width < 1:
        return ""
    # Only here: a screen is painted before numpy is loaded.
    import numpy as np

    # What has no end is shown at the edge; a span of twice the bound is still a number.
    array = np.clip(np.asarray(values, dtype=np.float64), -1e300, 1e300)
    groups = np.array_split(array, min(len(array), 2 * width))
    means = [float(np.mean(kept)) if len(kept := group[~np.isnan(group)]) else math.nan
             for group in groups]  # fmt: skip
    known = [value for value in means if not math.isnan(value)]
    low, span = (min(known), max(known) - min(known)) if known else (0.0, 0.0)
    levels = [
        0 if math.isnan(value) else 1 + round((value - low) / span * 3) if span else 2
        for value in means
    ]
    if len(levels) % 2:
        levels.append(0)
    return "".join(
        chr(0x2800 + _LEFT_DOTS[left] + _RIGHT_DOTS[right])
        for left, right in zip(levels[::2], levels[1::2], strict=True)
    )


def difference(value: float | None, theme: Theme) -> Text:
    """A signed difference with arrow and colour."""
    text = units.difference(value)
    style = theme.good if "▲" in text else theme.bad if "▼" in text else theme.muted
    return Text(text, style=style)


def shortened(words: Sequence[str], width: int) -> list[str]:
    """The words cut to `width`, kept apart from one another.

    Where beginnings are alike, the end tells: `left`, `learn` at 3 stay `lef`, `lea`; `three`,
    `through` at 2 become `te`, `th`. Words that cannot be told apart so are numbered.
    """
    if width < 1:
        return ["" for _ in words]
    short = [word[:width] for word in words]
    for index, word in enumerate(words):
        if len(word) > width and short.count(short[index]) > 1:
            tries = [word[: width - 1] + sign for sign in word[width:][::-1]]
            tries += [str(number)[-width:] for number in range(index + 1, index + 11)]
            short[index] = next((one for one in tries if one not in short), short[index])
    return short


def clip(text: str, width: int) -> str:
    """The text, its end cut off by `…` where it is longer than `width`."""
    if len(text) <= width:
        return text
    return text[: max(width - 1, 0)] + "…" if width > 0 else ""


def elide(text: Text, width: int) -> Text:
    """The text where it fits; else its first word, `custom-ch64-tanh/8/do0.5`, cut in its middle.

    The ends of such names tell most; words after it give way first.
    """
    name = text.plain.partition(" ")[0]
    cut = Text.assemble(text)
    if text.cell_len <= width:
        return cut
    if len(name) <= width:
        cut.truncate(width, overflow="ellipsis")
        return cut
    end = min((width - 1) * 2 // 3, len(name))
    start = max(width - 1 - end, 0)
    return Text.assemble(text[:start], ("…", text.style), text[len(name) - end : len(name)])


def setting(value: Any) -> str:
    """A setting's value in a few words: `on`, `0.001`, `16 words`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return f"{len(value)} words" if len(value) > 4 else "/".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
