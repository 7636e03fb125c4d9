"""A view as text for a terminal, as JSON, CSV or SVG."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Literal, Protocol, get_args

import msgspec
from rich.console import Console, RenderableType

from labbench.views.palette import DARK, TERMINAL, Theme

Format = Literal["ansi", "json", "csv", "svg"]
FORMATS: tuple[str, ...] = get_args(Format)

ColorSystem = Literal["standard", "256", "truecolor", "auto"]


class View(Protocol):
    """Data that can be drawn, and read by programs."""

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        """The picture, no wider than `width` cells; no higher than `height` where one is given."""
        ...

    def as_json(self) -> Any:
        """The figures as what JSON can hold."""
        ...

    def as_csv(self) -> str:
        """The figures as CSV with a header."""
        ...


def export(
    view: View,
    form: Format,
    *,
    width: int = 80,
    height: int | None = None,
    color: ColorSystem | None = None,
    title: str = "labbench",
) -> str:
    """The view in a format, ending in a newline.

    Args:
        width, height: of the picture, in cells (ansi and svg).
        color: the colours ansi may use; None gives plain text.
        title: stands on the SVG's frame.
    """
    match form:
        case "json":
            return json_text(view.as_json())
        case "csv":
            return view.as_csv()
        case "svg":
            return svg(view, width, height, title)
        case "ansi":
            return ansi(view, width, height, color)


def ansi(view: View, width: int, height: int | None, color: ColorSystem | None) -> str:
    """The picture as text, with escape sequences for `color`, or plain where it is None."""
    target = io.StringIO()
    console = Console(
        file=target, width=width, height=height or 1000, legacy_windows=False, highlight=False,
        force_terminal=color is not None, color_system=color, no_color=color is None,
    )  # fmt: skip
    console.print(view.render(width, height))
    text = target.getvalue()
    if color is None:
        text = "".join(line.rstrip() + "\n" for line in text.splitlines())
    return text


def svg(view: View, width: int, height: int | None, title: str) -> str:
    """The picture as an SVG image in truecolor on a dark ground."""
    console = Console(
        file=io.StringIO(), record=True, width=width, height=height or 1000, highlight=False,
        legacy_windows=False, force_terminal=True, color_system="truecolor", no_color=False,
    )  # fmt: skip
    console.print(view.render(width, height, theme=DARK))
    # Without it librsvg, and with it many previewers, drops spaces at the start of a text.
    return console.export_svg(title=title).replace("<text ", '<text xml:space="preserve" ')


def json_text(document: Any) -> str:
    """Indented JSON; NaN and infinity become null."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV with a header; None and NaN leave their field empty."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow(["" if value is None or value != value else value for value in row])
    return target.getvalue()
