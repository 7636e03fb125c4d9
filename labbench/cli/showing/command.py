"""A view as a command: its own options, and those that all views share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from labbench.cli.options import Color, Form, Format, Height, JsonForm, Output, Width

if TYPE_CHECKING:
    from labbench.runs import RunFolder
    from labbench.views.export import View


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
    form: Form = "ansi",
    json: JsonForm = False,
    width: Width = None,
    height: Height = None,
    color: Color = False,
    output: Output = None,
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
        from labbench.outputs import STDOUT

        shared = {key: options.pop(key) for key in SHARED_NAMES}
        asked, json = shared.pop("form"), shared.pop("json")
        form: Format = "json" if json else asked
        if STDOUT in options.values() and shared["output"] in (None, STDOUT):
            raise typer.BadParameter("one of the two goes to stdout: name a file with -o.")
        target: Target = context.obj
        made = make(target, **options)
        write_view(made, form, title=f"{target.folder.id} {name}", **shared)

    context = inspect.Parameter(
        "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    parameters = [context, *own, *SHARED]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__doc__ = make.__doc__
    command.__name__ = make.__name__
    return Command(name, command)
