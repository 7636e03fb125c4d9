"""Lists of clips, with the one under the cursor beside the list."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from rich.console import Console, Group, RenderableType
from textual import events
from textual.containers import Horizontal
from textual.geometry import Size
from textual.widget import Widget

from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import Look
from labbench.errors import LabbenchError
from labbench.tui.canvas import Canvas, Picture, drawn
from labbench.tui.clip.screen import ClipScreen, Source, look_of
from labbench.tui.commands import command
from labbench.tui.loader import Loader
from labbench.tui.screen import BenchScreen
from labbench.tui.table import Table

REST_S = 0.1
"""The cursor rests so long before a clip is drawn: not each that it passes is sent."""

MOST = 30
"""Lines of the picture at most."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was to be drawn."""

    source: Source = field(compare=False)
    index: int = field(compare=False)
    turn: int
    """Which look at the list it is of."""
    look: Look
    theme: Theme
    size: Size
    console: Console = field(compare=False)


class Glance(Canvas):
    """What is known of a clip, its waveform and its spectrogram; nothing where it has no room."""

    DEFAULT_CSS = "Glance { display: none; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._source: Source | None = None
        self._index = self._turn = 0
        self._loader = Loader(self, self._wanted, self._draw, self.show, drop_stale=True)

    def look_at(self, source: Source | None, index: int) -> None:
        """Show a clip of a list; None shows nothing."""
        self._source, self._index = source, index
        self._turn += 1
        self.draw()

    def draw(self) -> None:
        """Draw the clip; nothing where there is none."""
        if self._wanted() is None:
            self.show(())
        self._loader.ask()

    def _wanted(self) -> Request | None:
        if self._source is None or not self.size:
            return None
        bench = cast(BenchScreen[Any], self.screen).bench
        look = look_of(bench.settings)
        console = self.app.console
        return Request(
            self._source, self._index, self._turn, look, bench.palette, self.size, console
        )

    def _draw(self, request: Request) -> Picture:
        time.sleep(REST_S)
        size = Size(request.size.width, min(request.size.height, MOST))
        return drawn(pictured(request, size), size, request.console)

    def on_resize(self, event: events.Resize) -> None:
        self.draw()


def pictured(request: Request, size: Size) -> RenderableType:
    """What is said of a clip, and its sound below; of one that cannot be had, why."""
    head = request.source.head(request.index, request.theme)
    head.no_wrap, head.overflow = True, "ellipsis"
    try:
        view = request.source.view(request.index, request.look)
    except LabbenchError as error:
        said = f"{error.where}: {error.what}" if error.where else error.what
        return Group(head, Text.assemble("\n", said, "\n", error.hint, style=request.theme.muted))
    rows = size.height - head.plain.count("\n") - 2
    return Group(head, Text(""), view.render(size.width, rows, theme=request.theme))


class ListsClips(BenchScreen[None]):
    """A screen with a `Table` of clips and beside it a `Glance` at the one under the cursor."""

    def source(self) -> Source | None:
        """The clips in the order of the list; None while there are none."""
        raise NotImplementedError

    def beside(self, table: Table) -> Iterable[Widget]:
        """The list and what is beside it."""
        with Horizontal(id="beside"):
            yield table
            yield Glance(id="glance")

    def glance(self) -> None:
        """Show the clip under the cursor beside the list."""
        table = self.query_one(Table)
        source = self.source() if table.keys else None
        self.query_one(Glance).look_at(source, table.row)

    def theme_changed(self) -> None:
        super().theme_changed()
        self.query_one(Glance).draw()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        # The spectrogram's scale may be another since.
        self.query_one(Glance).draw()

    def on_table_moved(self, event: Table.Moved) -> None:
        self.glance()

    def on_table_chosen(self, event: Table.Chosen) -> None:
        self.open_clip()

    @command("enter,l,right", "open", when=lambda self: bool(self.query_one(Table).keys))
    def open_clip(self) -> None:
        """Open the clip: waveform and spectrogram."""
        source, table = self.source(), self.query_one(Table)
        if source is not None and table.keys:
            keys = table.keys
            open_ = ClipScreen(source, table.row, lambda place: table.go_to(keys[place]))
            self.app.push_screen(open_)
