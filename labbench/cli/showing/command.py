"""A view as a command: its own options, and those that all views share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from labbench.runs import RunFolder
    from labbench.views.export import View


class Format(StrEnum):
    """How a view is written."""

    ansi = "ansi"
    json = "json"
    csv = "csv"
    npz = "npz"
    svg = "svg"
    png = "png"


class Split(StrEnum):
    """Which clips were judged."""

    validation = "validation"
    test = "test"


SplitOption = Annotated[
    Split | None, typer.Option(help="Default: test of a finished run, else validation.")
]


@dataclass(frozen=True)
class Target:
    """The run that was named, found when it is first needed."""

    name: str

    @functools.cached_property
    def folder(self) -> RunFolder:
        """Its folder.

        Raises:
            RunError: there is none.
        """
        from labbench.runs import find

        return find(self.name)


@dataclass(frozen=True)
class Command:
    """A view's name and what typer runs for it."""

    name: str
    function: Callable[..., None]


def _shared(
    form: Annotated[
        Format, typer.Option("--format", "-f", help="ansi is for the terminal.")
    ] = Format.ansi,
    width: Annotated[int | None, typer.Option(min=20, max=1000, help="In cells.")] = None,
    height: Annotated[int | None, typer.Option(min=5, max=1000, help="In cells.")] = None,
    color: Annotated[
        bool, typer.Option("--color", help="Colours even where stdout is no terminal.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, not stdout.")
    ] = None,
) -> None:
    """The options of every view."""


SHARED = tuple(inspect.signature(_shared, eval_str=True).parameters.values())
SHARED_NAMES = frozenset(parameter.name for parameter in SHARED)


def view(make: Callable[..., View]) -> Command:
    """A command that makes a view of its target and its own options, and writes it.

    The name is the function's (`map_` is map), its docstring the help. Its first parameter is the
    target.
    """
    name = make.__name__.rstrip("_").replace("_", "-")
    own = list(inspect.signature(make, eval_str=False).parameters.values())[1:]

    def command(context: typer.Context, **options: Any) -> None:
        from labbench.cli.output import write_view

        shared = {key: options.pop(key) for key in SHARED_NAMES}
        form = shared.pop("form")
        target: Target = context.obj
        made = make(target, **options)
        write_view(made, form.value, title=f"{target.folder.id} {name}", **shared)

    context = inspect.Parameter(
        "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    parameters = [context, *own, *SHARED]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__doc__ = make.__doc__
    command.__name__ = make.__name__
    return Command(name, command)
