"""Options that several commands have in common: one wording each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Format = Literal["ansi", "json", "csv", "npz", "svg", "png"]
"""How a view is written."""


Split = Literal["validation", "test"]
"""Which clips were judged."""


RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="Number, id, last, or a path with a /.")
]
RunNames = Annotated[
    list[str], typer.Argument(metavar="RUN", help="Numbers, ids, last, or paths with a /.")
]
FORMAT = typer.Option("--format", "-f", help="ansi is for the terminal.")
Form = Annotated[Format, FORMAT]
JsonForm = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Width = Annotated[int | None, typer.Option(min=20, max=1000, help="In terminal cells.")]
Height = Annotated[int | None, typer.Option(min=5, max=1000, help="In terminal cells.")]
Color = Annotated[bool, typer.Option("--color", help="Colours even if stdout is no terminal.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file, not stdout (-).")
]
Smooth = Annotated[
    float, typer.Option(min=0, max=0.9999, help="Smoothing of training curves, 0 to 1.")
]
Log = Annotated[bool, typer.Option("--log", help="Loss on a logarithmic scale.")]
Scale = Literal["linear", "log", "mel"]
"""Scales of frequency."""


ScaleOption = Annotated[Scale, typer.Option(help="Of frequency.")]
RangeDb = Annotated[float, typer.Option(min=1, max=200, help="From bright to dark, in dB.")]
Window = Annotated[int, typer.Option(min=2, max=16_000, help="Samples of a window of the STFT.")]
Stride = Annotated[
    int, typer.Option(min=1, max=16_000, help="Samples from one window to the next.")
]
From = Annotated[
    float,
    typer.Option("--from", min=0, help="Draw from this step, epoch or second, as --by says."),
]
To = Annotated[
    float | None, typer.Option("--to", min=0, help="Draw to this one. Default: the end.")
]
At = Annotated[float | None, typer.Option("--at", min=0, help="Print the values at this one.")]
SplitOption = Annotated[
    Split | None, typer.Option(help="Default: test of a finished run, else validation.")
]
