"""The group of all views; `labbench show RUN` alone shows the summary."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from labbench.cli.options import RunName
from labbench.cli.showing import results
from labbench.cli.showing.command import Command, Target, analysis
from labbench.interpret.analyses import ANALYSES
from labbench.interpret.maximise.options import MaximiseOptions

VIEWS: tuple[Command, ...] = (
    results.summary,
    results.classes,
    results.confusion,
    results.cell,
    results.clip,
    results.curves,
    results.events,
    results.console,
    *(
        results.MAXIMISE if kind is MaximiseOptions else analysis(kind)
        for kind in ANALYSES if kind.of_show
    ),
)  # fmt: skip

HELP = ("-h", "--help")


class RunThenView(TyperGroup):
    """RUN comes first, then the view; where none is named it is the summary."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in HELP:
            if args[1:2] and args[1] in HELP:
                args = args[1:]
            elif len(args) == 1 or args[1].startswith("-"):
                args = [args[0], "summary", *args[1:]]
        return super().parse_args(ctx, args)


show_app = typer.Typer(cls=RunThenView, no_args_is_help=True, rich_markup_mode=None)


@show_app.callback()
def show(
    context: typer.Context,
    run: RunName,
) -> None:
    """Show the results of a run: a view by name. Without one: the summary."""
    context.obj = Target(run)


for _view in VIEWS:
    show_app.command(_view.name)(_view.function)
