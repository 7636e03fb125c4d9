"""Options that commands which print a view have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labbench.cli.showing.command import Format

Form = Annotated[Format, typer.Option("--format", "-f", help="ansi is for the terminal.")]
Width = Annotated[int | None, typer.Option(min=20, max=1000, help="In cells.")]
Height = Annotated[int | None, typer.Option(min=5, max=1000, help="In cells.")]
Color = Annotated[bool, typer.Option("--color", help="Colours even where stdout is no terminal.")]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file, not stdout.")
]
