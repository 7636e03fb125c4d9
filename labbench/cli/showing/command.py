"""A view as a command: its own options, and those that all views share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labbench.cli.options import Color, Form, Format, Height, JsonForm, Output, Width

if TYPE_CHECKING:
    from labbench.draw.export import View
    from labbench.interpret.options import Declared, Options
    from labbench.runs import RunFolder


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


def analysis(kind: type[Options]) -> Command:
    """The command of an analysis: what can be chosen of it are its options."""

    def make(run: Target, **values: Any) -> View:
        from labbench.cli.asking import asking

        folder = kind.__module__.rpartition(".")[0]
        answer, picture = (import_module(f"{folder}.{one}") for one in ("answer", "picture"))
        options = kind(**values)
        with asking(run.folder) as (analyst, progress):
            ask = functools.partial(analyst.ask, report=progress)
            found = answer.find(run.folder, options, ask)
        shown: View = picture.view(run.folder, options, found)
        return shown

    first = inspect.Parameter("run", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    own = signature(kind).parameters.values()
    make.__signature__ = inspect.Signature([first, *own])  # type: ignore[attr-defined]
    make.__name__, make.__doc__ = kind.command, kind.__doc__
    return view(make)


def signature(kind: type[Options]) -> inspect.Signature:
    """The fields as typer reads them off a function."""
    return inspect.Signature([_parameter(one) for one in kind.declared()])


def _parameter(one: Declared) -> inspect.Parameter:
    """A field as typer takes it."""
    said = one.option
    option = typer.Option(
        one.flag, help=said.help, metavar=said.metavar or None, min=said.least, max=said.most
    )
    return inspect.Parameter(
        one.field, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=one.default,
        annotation=Annotated[one.hint, option],
    )  # fmt: skip
