"""Rich's texts, tables and consoles for names that came from anywhere.

Strings are what they say: `[1]` in a path is no markup, and what a terminal would obey or nobody
would see stands there as an escape, with the width that it then has. Nothing else of ours makes a
`Text` or a `Console`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import IO, Any, Self, cast

from rich.console import Console as RichConsole
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.style import StyleType
from rich.table import Table as RichTable
from rich.text import Text as RichText

from labbench.text import shown, shown_lines


class Text(RichText):
    """Rich's text. A string is one line of it, or nothing but line ends; see `lines`."""

    __slots__ = ()

    def __init__(self, text: str = "", style: StyleType = "", **options: Any) -> None:
        super().__init__(_line(text), style, **options)

    @classmethod
    def lines(cls, text: str, style: StyleType = "", **options: Any) -> Self:
        """Text of many lines: what a program said."""
        made = cls("", style, **options)
        made.plain = shown_lines(text)
        return made

    @classmethod
    def assemble(
        cls, *parts: str | RichText | tuple[str, StyleType], style: StyleType = "", **options: Any
    ) -> Self:
        made = cls("", style, **options)
        for part in parts:
            made.append(*part) if isinstance(part, tuple) else made.append(part)
        return made

    def append(self, text: RichText | str, style: StyleType | None = None) -> Self:
        super().append(_line(text) if isinstance(text, str) else text, style)
        return self

    def append_text(self, text: RichText) -> Self:
        super().append_text(text)
        return self

    def blank_copy(self, plain: str = "") -> Self:
        made = type(self)(
            "", self.style, justify=self.justify, overflow=self.overflow, no_wrap=self.no_wrap,
            end=self.end, tab_size=self.tab_size,
        )  # fmt: skip
        made.plain = plain
        return made

    def join(self, lines: Iterable[RichText]) -> Self:
        return cast(Self, super().join(lines))


def _line(text: str) -> str:
    return shown(text) if text.strip("\n") else text


class Table(RichTable):
    """Rich's table, strings taken as they are."""

    @classmethod
    def grid(cls, *headers: Any, **options: Any) -> Table:
        return cast(Table, super().grid(*headers, **options))

    def add_column(self, header: RenderableType = "", *rest: Any, **options: Any) -> None:
        super().add_column(_plain(header), *rest, **options)

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        super().add_row(*map(_plain, cells), **options)


def _plain(cell: Any) -> Any:
    return Text(cell) if isinstance(cell, str) else cell


class Console(RichConsole):
    """Rich's console; whatever it is given to print, it writes no controls but its own."""

    def __init__(self, *, file: IO[str] | None = None, stderr: bool = False, **options: Any):
        stream = file or (sys.stderr if stderr else sys.stdout)
        # What it writes is escaped already: a stream that escapes would escape its colours.
        super().__init__(file=getattr(stream, "unescaped", stream), stderr=stderr, **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            text, style, control = segment
            safe = text if control else shown_lines(text)
            yield segment if safe is text else Segment(safe, style)
