"""Cells as pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from labbench.draw.raster import CELL_HEIGHT, CELL_WIDTH, MARGIN, png

RED, BLUE = (250, 10, 10), (10, 10, 250)


def cells(text: str, **style: bool) -> np.ndarray:
    """The pixels (cells, height, width, 3) of one line in red on blue."""
    made = Style(color=Color.from_rgb(*RED), bgcolor=Color.from_rgb(*BLUE), **style)
    image = np.asarray(Image.open(io.BytesIO(png([[Segment(text, made)]], len(text)))))
    inner = image[MARGIN:-MARGIN, MARGIN:-MARGIN]
    return inner.reshape(CELL_HEIGHT, len(text), CELL_WIDTH, 3).transpose(1, 0, 2, 3)


def share(cell: np.ndarray) -> float:
    """The share of a cell's pixels that are red."""
    return float((cell == RED).all(axis=-1).mean())


@pytest.mark.parametrize(
    ("sign", "filled"),
    [(" ", 0), ("█", 1), ("▀", 0.5), ("▄", 0.5), ("▌", 0.5), ("⠀", 0), ("⣿", 8 * 9 / 200)],
    ids=["space", "full", "upper", "lower", "left", "no-dots", "all-dots"],
)
def test_blocks_fill_their_part(sign: str, filled: float) -> None:
    assert share(cells(sign)[0]) == pytest.approx(filled)


def test_halves_are_where_they_belong() -> None:
    upper, lower = cells("▀▄")
    assert share(upper[: CELL_HEIGHT // 2]) == 1
    assert share(lower[CELL_HEIGHT // 2 :]) == 1


def test_letters_are_drawn_and_reversed() -> None:
    plain, turned = cells("A")[0], cells("A", reverse=True)[0]
    assert 0 < share(plain) < 0.5 < share(turned) < 1


def test_no_lines() -> None:
    assert Image.open(io.BytesIO(png([], 3))).size == (50, 40)
