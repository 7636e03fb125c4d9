"""`labbench data clips` and `clip`: what is in a data set, down to one sound."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from labbench.cli.options import (
    Color,
    Form,
    Height,
    JsonForm,
    Output,
    RangeDb,
    ScaleOption,
    Stride,
    Width,
    Window,
)
from labbench.cli.output import write_view

SetName = Annotated[str, typer.Argument(metavar="NAME", help="A data set's name or folder.")]


class Split(StrEnum):
    """Which clips. An enumeration: typer takes no list of literals."""

    train = "train"
    validation = "validation"
    test = "test"


def clips(
    name: SetName,
    word: Annotated[
        list[str] | None, typer.Option("--word", "-w", help="Only this word; may be repeated.")
    ] = None,
    split: Annotated[
        list[Split] | None, typer.Option("--split", "-s", help="Only this split; may be repeated.")
    ] = None,
    text: Annotated[str, typer.Option("--match", help="Only names that contain this.")] = "",
    limit: Annotated[
        int | None, typer.Option(min=0, help="At most so many; 0: all. Default: 50 for ansi.")
    ] = None,
    form: Form = "ansi",
    json: JsonForm = False,
    width: Width = None,
    color: Color = False,
    output: Output = None,
) -> None:
    """List clips: word, split, speaker, length, what was changed."""
    from labbench.audio.clips import open_clips
    from labbench.views.clips import SHOWN, ClipsView

    form = "json" if json else form
    picture = form in ("ansi", "svg")
    most = (SHOWN if picture else None) if limit is None else limit or None
    splits = [one.value for one in split or []]
    opened = open_clips(name)
    view = ClipsView.of(opened, words=word or [], splits=splits, text=text, limit=most)
    write_view(view, form, width=width, color=color, output=output, title=f"data clips {name}")


def clip(
    name: SetName,
    clip: Annotated[
        str, typer.Argument(metavar="CLIP", help="Its name, an end of it, or its row.")
    ],
    scale: ScaleOption = "linear",
    range_db: RangeDb = 70.0,
    window: Window = 512,
    stride: Stride = 128,
    form: Form = "ansi",
    json: JsonForm = False,
    width: Width = None,
    height: Height = None,
    color: Color = False,
    output: Output = None,
) -> None:
    """Show a clip: waveform, spectrogram and details."""
    from labbench.audio.browse import amplitudes, facts, row_of
    from labbench.audio.clips import open_clips
    from labbench.draw.spectrogram import Look
    from labbench.views.clips import ClipView

    form = "json" if json else form
    opened = open_clips(name)
    row = row_of(opened, clip)
    known = facts(opened, row)
    look = Look(scale, range_db, window, stride)
    view = ClipView.of(known.name, amplitudes(opened, row), look, known)
    write_view(view, form, width=width, height=height, color=color, output=output, title=known.name)
