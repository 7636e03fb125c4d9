"""A picture of cells drawn elsewhere: only cells that differ from the picture before are sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

JOIN = 8
"""Changed cells with fewer unchanged ones between them are sent as one piece."""

Picture = Sequence[Strip]


def drawn(renderable: RenderableType, size: Size, console: Console) -> Picture:
    """The picture of a renderable, a strip for each line; may be called in any thread."""
    options = console.options.update(width=size.width, height=size.height)
    lines = console.render_lines(renderable, options, pad=True)
    return [Strip(_joined(line)).simplify() for line in lines[: size.height]]


def _joined(line: Sequence[Segment]) -> list[Segment]:
    """The line with gaps in the style of what is before them: fewer styles, fewer bytes."""
    joined: list[Segment] = []
    for segment in line:
        if joined and segment.text.isspace() and _plain(segment.style) and _plain(joined[-1].style):
            joined[-1] = Segment(joined[-1].text + segment.text, joined[-1].style)
        else:
            joined.append(segment)
    return joined


def _plain(style: Style | None) -> bool:
    """Whether a gap in this style looks like a gap in any other such style."""
    return style is None or not (style.bgcolor or style.reverse or style.underline or style.meta)


class Canvas(Widget):
    """Shows a picture; drawn anew by who made it when its size changes."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._picture: Picture = ()

    def show(self, picture: Picture) -> None:
        """Show another picture."""
        before, self._picture = self._picture, picture
        regions = [
            Region(start, y, stop - start, 1)
            for y in range(max(len(before), len(picture)))
            for start, stop in _changes(_line(before, y), _line(picture, y))
        ]
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        strip = _line(self._picture, y)
        return strip.apply_style(self.rich_style).adjust_cell_length(width, self.rich_style)


def _line(picture: Picture, y: int) -> Strip:
    return picture[y] if y < len(picture) else Strip([])


def _changes(before: Strip, now: Strip) -> Iterator[tuple[int, int]]:
    """Spans of cells that differ, from and to, those close together joined."""
    if before == now:
        return
    old, new = _cells(before), _cells(now)
    width = max(len(old), len(new))
    old += [None] * (width - len(old))
    new += [None] * (width - len(new))
    places = [x for x in range(width) if old[x] != new[x]]
    if not places:
        return
    start = places[0]
    for x, after in pairwise([*places, width + 2 * JOIN]):
        if after - x > JOIN:
            yield start, x + 1
            start = after


def _cells(strip: Strip) -> list[tuple[str, Style | None] | None]:
    """A line cell by cell; a wide sign stands in its first cell."""
    cells: list[tuple[str, Style | None] | None] = []
    for text, style, _ in strip:
        for sign in text:
            cells.append((sign, style))
            cells += [None] * (Segment(sign).cell_length - 1)
    return cells
