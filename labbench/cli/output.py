"""stdout is data, stderr is talk."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbench.errors import LabbenchError
from labbench.text import shortened, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from labbench.draw.export import Format, View
    from labbench.presets import Library, Preset

BINARY = ("npz", "png")
"""Formats that are no text."""

MOST_TALK = 4_000
"""Letters of a line of talk: more than any error has that is not about several things."""

PIPED_WIDTH = 120
"""Cells a view may use where no terminal tells its width (COLUMNS changes it)."""


def say(text: str) -> None:
    """A line of talk, on stderr."""
    print(shown(shortened(text, MOST_TALK)), file=sys.stderr)


def put(text: str) -> None:
    """A line of data, on stdout."""
    print(shown(text), flush=True)


def confirm(question: str, *, default: bool = False, abort: bool = False) -> bool:
    """Whether a person says yes, asked on stderr.

    Raises:
        typer.Abort: no, and `abort` is set.
    """
    import typer

    return typer.confirm(shown(question), default=default, abort=abort, err=True)


def tell_wrong(library: Library) -> None:
    """Which files of the user's were left out, and why, on stderr."""
    for error in library.wrong.values():
        say(f"labbench: left out: {error}")


def tell_too_large(presets: Iterable[Preset]) -> None:
    """Which presets this machine has not the memory to train, on stderr."""
    from labbench.errors import DeviceError
    from labbench.scheduler.devices import probe
    from labbench.scheduler.fitting import check_fits
    from labbench.scheduler.start import place_in_queue

    here = probe()
    for preset in presets:
        try:
            check_fits(preset, place_in_queue(preset), here)
        except DeviceError as error:
            say(f"labbench: {error}")
        except LabbenchError:
            # Which clips it is to have, or how many slots there are, is asked where it is run.
            continue


_told: set[str] = set()


def say_silence() -> None:
    """Say, once, if a cluster that this command asked does not answer."""
    slurm = sys.modules.get("labbench.scheduler.slurm_queue")
    said = slurm.silence() if slurm else ""
    if said and said not in _told:
        _told.add(said)
        say(f"labbench: {said}")


def print_json(document: Any) -> None:
    """One JSON document on stdout; NaN and infinity become null."""
    from labbench.draw.export import json_text

    sys.stdout.write(json_text(document))


def print_view(view: View, *, width: int | None = None, height: int | None = None) -> None:
    """A view on stdout: in the terminal's colours and width, or plain where it is piped."""
    from labbench.draw.plain import Console

    console = Console(highlight=False)
    if console.is_terminal:
        from labbench.draw.halfblocks import Shaded

        picture = view.render(width or console.width, height)
        coloured = console.color_system is not None and not console.no_color
        console.print(picture if coloured else Shaded(picture), width=width)
        return
    from labbench.draw.export import ansi

    sys.stdout.write(ansi(view, width or piped_width(), height, None))


def write_view(
    view: View,
    form: Format,
    *,
    title: str,
    width: int | None = None,
    height: int | None = None,
    color: bool = False,
    output: Path | None = None,
) -> None:
    """A view on stdout or in a file, in a format.

    Args:
        color: truecolor even where stdout is no terminal.
        output: where to write it (`labbench.outputs`); None: stdout.

    Raises:
        LabbenchError: the format is no text and stdout is a terminal, or it cannot be written.
    """
    from labbench.outputs import STDOUT, write_output

    output = None if output == STDOUT else output
    if form == "ansi" and output is None and not color:
        print_view(view, width=width, height=height)
        return
    if form in BINARY and output is None:
        refuse_terminal(form, f"-o {title.split()[-1]}.{form}")
    from labbench.draw.export import export

    content = export(
        view, form, width=width or piped_width(), height=height,
        color="truecolor" if color else None, title=title,
    )  # fmt: skip
    write_output(output or STDOUT, content if form in BINARY else content.decode())


def refuse_terminal(what: str, instead: str) -> None:
    """Go on only if stdout is no terminal: what is no text would garble it.

    Raises:
        LabbenchError: it is one.
    """
    if sys.stdout.isatty():
        raise LabbenchError(f"{what} is not for a terminal.", hint=f"Name a file: {instead}")


def piped_width() -> int:
    """Cells where nobody named a width: COLUMNS, or the terminal's, or the width of a pipe."""
    return shutil.get_terminal_size((PIPED_WIDTH, 24)).columns
