"""A view as text for a terminal, as JSON, CSV, NPZ, SVG or PNG."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import msgspec
import numpy as np
from numpy.typing import NDArray
from rich.console import RenderableType

from labbench.draw.halfblocks import Shaded
from labbench.draw.markup import spreadsheet
from labbench.draw.palette import DARK, TERMINAL, Theme
from labbench.draw.plain import Console
from labbench.text import json_shown, shown

Format = Literal["ansi", "json", "csv", "npz", "svg", "png"]
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


@runtime_checkable
class HasArrays(Protocol):
    """A view whose figures are arrays of more than two dimensions, or too many for CSV."""

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """The figures by name, each with its own shape."""
        ...


def export(
    view: View,
    form: Format,
    *,
    width: int = 80,
    height: int | None = None,
    color: ColorSystem | None = None,
    title: str = "labbench",
) -> bytes:
    """The view in a format; text is UTF-8 and ends in a newline.

    Args:
        width, height: of the picture, in cells (ansi, svg and png).
        color: the colours ansi may use; None gives plain text.
        title: stands on the SVG's frame.
    """
    match form:
        case "json":
            return json_text(view.as_json()).encode()
        case "csv":
            return spreadsheet(view.as_csv()).encode()
        case "npz":
            return npz(view)
        case "svg":
            return svg(view, width, height, title).encode()
        case "png":
            return png(view, width, height)
        case "ansi":
            return ansi(view, width, height, color).encode()


def ansi(view: View, width: int, height: int | None, color: ColorSystem | None) -> str:
    """The picture as text, with escape sequences for `color`, or in shades where it is None."""
    target = io.StringIO()
    console = Console(
        file=target, width=width, height=height or 1000, legacy_windows=False, highlight=False,
        force_terminal=color is not None, color_system=color, no_color=color is None,
    )  # fmt: skip
    picture = view.render(width, height)
    # Views keep to their width: measuring all their lines again would take as long as drawing.
    console.print(Shaded(picture) if color is None else picture, crop=False)
    text = target.getvalue()
    if color is None:
        text = "".join(line.rstrip() + "\n" for line in text.splitlines())
    return text


def svg(view: View, width: int, height: int | None, title: str) -> str:
    """The picture as an SVG image in truecolor on a dark ground."""
    console = _dark_console(width, height, record=True)
    console.print(view.render(width, height, theme=DARK))
    # Without it librsvg, and with it many previewers, drops spaces at the start of a text.
    return console.export_svg(title=shown(title)).replace("<text ", '<text xml:space="preserve" ')


def png(view: View, width: int, height: int | None) -> bytes:
    """The picture as a PNG image in truecolor on a dark ground."""
    from labbench.draw import raster

    console = _dark_console(width, height)
    picture = view.render(width, height, theme=DARK)
    return raster.png(console.render_lines(picture, pad=False), width)


def _dark_console(width: int, height: int | None, *, record: bool = False) -> Console:
    return Console(
        file=io.StringIO(), record=record, width=width, height=height or 1000, highlight=False,
        legacy_windows=False, force_terminal=True, color_system="truecolor", no_color=False,
    )  # fmt: skip


def npz(view: View) -> bytes:
    """The figures as NumPy's compressed archive: the view's own arrays, or its CSV's columns.

    A column of figures is float64 (an empty field is NaN), any other is text.
    """
    arrays = view.as_arrays() if isinstance(view, HasArrays) else _columns(view.as_csv())
    target = io.BytesIO()
    np.savez_compressed(target, **arrays)  # type: ignore[arg-type]
    return target.getvalue()


def _columns(text: str) -> dict[str, NDArray[Any]]:
    header, *rows = csv.reader(io.StringIO(text))
    return {name: _column([row[index] for row in rows]) for index, name in enumerate(header)}


def _column(fields: Sequence[str]) -> NDArray[Any]:
    try:
        return np.array([float(field) if field else np.nan for field in fields], dtype=np.float64)
    except ValueError:
        return np.array(fields, dtype=np.str_)


def json_text(document: Any) -> str:
    """Indented JSON, unseen signs in strings as escapes; NaN and infinity become null."""
    return json_shown(msgspec.json.format(msgspec.json.encode(document), indent=2).decode()) + "\n"


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV with a header; None and NaN leave their field empty."""
    lines = _Lines()
    # With its own line end, a carriage return, too, puts a field into quotes.
    writer = csv.writer(lines, lineterminator=_Lines.END)
    writer.writerow(header)
    for row in rows:
        writer.writerow(["" if value is None or value != value else value for value in row])
    return "".join(lines)


def csv_of(rows: Sequence[Mapping[str, Any]], first: str) -> str:
    """CSV of objects that have the same keys; where there are none, of the first key alone."""
    return csv_text(list(rows[0]) if rows else [first], [list(row.values()) for row in rows])


class _Lines(list[str]):
    END = "\r\n"

    def write(self, line: str) -> None:
        self.append(line.removesuffix(self.END) + "\n")
