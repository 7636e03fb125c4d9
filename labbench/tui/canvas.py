"""A picture of cells drawn elsewhere: only cells that differ from the picture before are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from labbench.draw.plain import Text

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
    """Shows a picture.

    Args:
        draw: called where it has another size, to have the picture drawn anew.
        click: called with the cell of a click, and whether it was the second one there.
    """

    def __init__(
        self,
        *,
        draw: Callable[[], object] | None = None,
        click: Callable[[int, int, bool], object] | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._picture: Picture = ()
        self._draw_anew, self._click = draw, click

    def on_resize(self, event: events.Resize) -> None:
        if self._draw_anew is not None:
            self._draw_anew()

    def on_click(self, event: events.Click) -> None:
        if self._click is not None:
            self._click(event.x, event.y, event.chain > 1)

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


class Caption(Static):
    """A few lines of text: painted where they change, laid out where they take more or less room.

    A text of the same height moves nothing: few bytes are sent.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text: Text | None = None

    def say(self, text: Text) -> None:
        """Show another text."""
        before, self._text = self._text, text
        if before is not None and before == text and before.style == text.style:
            return
        self.update(text, layout=before is None or self._rows(before) != self._rows(text))

    def _rows(self, text: Text) -> int:
        return len(text.wrap(self.app.console, max(self.content_size.width, 1)))


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
