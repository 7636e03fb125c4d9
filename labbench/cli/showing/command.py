"""A view as a command: its own options, and those that all views share."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
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
    target; others as of `declared`.
    """
    make = declared(make)
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
    return Command(name, _having(command, make, [context, *own, *SHARED]))


def analysis(kind: type[Options]) -> Command:
    """The command of an analysis: what can be chosen of it are its options."""

    def make(run: Target, options: Options) -> View:
        shown: View = found(run, options)
        return shown

    make.__annotations__["options"] = kind
    make.__name__, make.__doc__ = kind.command, kind.__doc__
    return view(make)


def found(run: Target, options: Options) -> Any:
    """The view of what the options ask for: of what is kept, or what an analyst finds out.

    Raises:
        LabbenchError: it cannot be shown, and why.
    """
    from labbench.cli.meter import asking
    from labbench.interpret import analyses

    with asking(run.folder) as (analyst, progress):
        ask = functools.partial(analyst.ask, report=progress)
        answer = analyses.find(run.folder, options, ask)
    return analyses.view(run.folder, options, answer)


def declared(make: Callable[..., Any]) -> Callable[..., Any]:
    """A function as typer reads it: in the place of a parameter `options` stand their fields."""
    parameters = inspect.signature(make, eval_str=False).parameters
    if "options" not in parameters:
        return make
    kind = parameters["options"].annotation
    fields = signature(kind).parameters

    def spread(*given: Any, **values: Any) -> Any:
        own = {one.field: _several(one, values.pop(one.field)) for one in kind.declared()}
        return make(*given, options=kind(**own), **values)

    spread_over = [
        each for name, one in parameters.items()
        for each in (fields.values() if name == "options" else [one])
    ]  # fmt: skip
    return _having(spread, make, spread_over)


def _having(
    function: Callable[..., Any], like: Callable[..., Any], parameters: list[inspect.Parameter]
) -> Callable[..., Any]:
    """A function with the parameters, and with the name and help of another."""
    # Given by name: so those with a default may stand before those without.
    named = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
    function.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    function.__annotations__ = {one.name: one.annotation for one in parameters}
    function.__name__, function.__doc__ = like.__name__, like.__doc__
    return function


def signature(kind: type[Options]) -> inspect.Signature:
    """The fields as typer reads them off a function."""
    return inspect.Signature([_parameter(one) for one in kind.declared()])


def _parameter(one: Declared) -> inspect.Parameter:
    """A field as typer takes it; several words come as a list."""
    said, several = one.option, isinstance(one.default, tuple)
    about: dict[str, Any] = {
        "help": said.help, "metavar": said.metavar or None, "min": said.least, "max": said.most
    }  # fmt: skip
    if said.check is not None:
        about["callback"] = _checking(said.check)
    hint: Any = one.hint
    if several:
        hint = list[str] if said.needed else list[str] | None
    default = inspect.Parameter.empty if said.needed else None if several else one.default
    option = (
        typer.Argument(**about, show_default=False) if said.argument
        else typer.Option(one.flag, **about)
    )  # fmt: skip
    return inspect.Parameter(
        one.field, inspect.Parameter.KEYWORD_ONLY, default=default,
        annotation=Annotated[hint, option],
    )  # fmt: skip


def _several(one: Declared, value: Any) -> Any:
    """What typer read of a field: several words as a tuple."""
    return tuple(value or ()) if isinstance(one.default, tuple) else value


def _checking(check: Callable[[Any], object]) -> Callable[[Any], Any]:
    """A check as typer calls it."""

    def checked(value: Any) -> Any:
        try:
            check(value)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
        return value

    return checked
