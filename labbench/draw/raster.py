"""What a terminal would show, as a PNG image: blocks and braille drawn, other signs from a font."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import SVG_EXPORT_THEME

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

CELL_WIDTH, CELL_HEIGHT = 10, 20
"""Pixels of a cell."""

MARGIN = 10
"""Pixels around the cells."""

FONT_PIXELS = 16

Colour = tuple[int, int, int]
Box = tuple[int, int, int, int]

_BRAILLE = 0x2800
# Column and row of each bit of a braille sign (Unicode, chapter 21.1).
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))


def png(lines: Iterable[list[Segment]], columns: int) -> bytes:
    """Lines of segments, `columns` cells wide, as a PNG on a dark ground."""
    from PIL import Image, ImageDraw

    rows = list(lines)
    size = (columns * CELL_WIDTH + 2 * MARGIN, max(len(rows), 1) * CELL_HEIGHT + 2 * MARGIN)
    ground = _rgb(SVG_EXPORT_THEME.background_color)
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(rows):
        column = 0
        for segment in line:
            ink, paper, bold = _colours(segment.style or Style.null())
            for sign in segment.text:
                cells = cell_len(sign)
                left, top = MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT
                box = (left, top, left + cells * CELL_WIDTH - 1, top + CELL_HEIGHT - 1)
                if cells and paper != ground:
                    draw.rectangle(box, fill=paper)
                if cells and not sign.isspace():
                    _draw(draw, sign, box, ink, bold)
                column += cells
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()


def _rgb(colour: Any) -> Colour:
    red, green, blue = colour
    return int(red), int(green), int(blue)


def _colours(style: Style) -> tuple[Colour, Colour, bool]:
    """Ink and paper of a style, and whether it is bold."""
    theme = SVG_EXPORT_THEME
    ink, paper = theme.foreground_color, theme.background_color
    if style.color is not None and not style.color.is_default:
        ink = style.color.get_truecolor(theme)
    if style.bgcolor is not None and not style.bgcolor.is_default:
        paper = style.bgcolor.get_truecolor(theme, foreground=False)
    front, back = _rgb(ink), _rgb(paper)
    if style.reverse:
        front, back = back, front
    if style.dim:
        front = _rgb((a + b) // 2 for a, b in zip(front, back, strict=True))
    return front, back, bool(style.bold)


def _draw(draw: ImageDraw, sign: str, box: Box, ink: Colour, bold: bool) -> None:
    left, top, right, bottom = box
    if _BRAILLE <= ord(sign) <= _BRAILLE + 0xFF:
        for bit, (column, row) in enumerate(_DOTS):
            if (ord(sign) - _BRAILLE) >> bit & 1:
                x, y = left + 1 + column * 5, top + 1 + row * 5
                draw.rectangle((x, y, x + 2, y + 2), fill=ink)
    elif part := _blocks().get(sign):
        draw.rectangle(part(left, top, right, bottom), fill=ink)
    else:
        draw.text((left, top), sign, fill=ink, font=_font(bold))


@functools.cache
def _blocks() -> dict[str, Callable[[int, int, int, int], Box]]:
    """The block elements that are one rectangle, by what part of the cell they fill."""

    def lower(eighths: int) -> Callable[[int, int, int, int], Box]:
        high = round(CELL_HEIGHT * eighths / 8)
        return lambda left, top, right, bottom: (left, bottom - high + 1, right, bottom)

    def leftmost(eighths: int) -> Callable[[int, int, int, int], Box]:
        wide = round(CELL_WIDTH * eighths / 8)
        return lambda left, top, right, bottom: (left, top, left + wide - 1, bottom)

    blocks = {sign: lower(index) for index, sign in enumerate("▁▂▃▄▅▆▇█", start=1)}
    blocks |= {sign: leftmost(index) for index, sign in enumerate("▏▎▍▌▋▊▉", start=1)}
    blocks["▀"] = lambda left, top, right, bottom: (left, top, right, bottom - CELL_HEIGHT // 2)
    return blocks


@functools.cache
def _font(bold: bool) -> FreeTypeFont:
    """The monospaced font that matplotlib brings along."""
    import matplotlib
    from PIL import ImageFont

    name = "DejaVuSansMono-Bold.ttf" if bold else "DejaVuSansMono.ttf"
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name
    return ImageFont.truetype(str(path), FONT_PIXELS)
