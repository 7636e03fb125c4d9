"""`labbench runs` and `labbench runs rm`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from labbench.cli.options import Json, RunNames

if TYPE_CHECKING:
    from labbench.runs import RunFolder, Status

Sort = Literal["newest", "oldest", "state", "preset", "best", "difference", "left"]
"""Orders of runs."""


State = Literal["live", "finished", "stopped", "failed"]
"""States of runs that go by one name."""


runs_app = typer.Typer(
    help="List runs, or remove them.", invoke_without_command=True, rich_markup_mode=None
)


@runs_app.callback()
def runs(
    context: typer.Context,
    json: Json = False,
    state: Annotated[
        State | None, typer.Option(help="Only these; live includes waiting, failed includes lost.")
    ] = None,
    noted: Annotated[
        bool, typer.Option("--noted", help="Only those with a tag or a note.")
    ] = False,
    text: Annotated[
        str,
        typer.Option(
            "--match",
            help="Only those with all these words in id, preset, state, device, clips, "
            "tags or note.",
        ),
    ] = "",
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="RUN", help="Only this run; repeatable.")
    ] = None,
    sort: Annotated[Sort, typer.Option(help="best: by accuracy; left: by time left.")] = "oldest",
) -> None:
    """List runs: state, preset, progress, accuracy and published accuracy."""
    if context.invoked_subcommand:
        return
    from labbench import paths, units
    from labbench.cli.output import print_json, print_view, say
    from labbench.evaluation.listed import Row, RunList
    from labbench.runs import find, queue
    from labbench.runs.reader import listing
    from labbench.views.runs import RunsView

    good, damaged = listing()
    good = queue.explained(_started(good))
    named = None if only is None else tuple(map(find, only))
    wanted = RunList(sort, state, noted, text, named)
    rows = wanted.of(Row(run, one) for run, one in good)
    for run, why in damaged:
        say(f"labbench: {run.id} cannot be read: {why}")
    unread = [(run, why) for run, why in damaged if wanted.takes_damaged(run)]
    view = RunsView.of(rows, places=queue.places(good), damaged=unread)
    if good and not rows:
        of = units.plural(len(good), "run")
        say(f"None of {of} in {paths.runs_dir()} {wanted.in_words()}.")
    if json:
        print_json(view.as_json())
    elif rows:
        print_view(view)
    elif not good and not damaged:
        say(f"No runs in {paths.runs_dir()} yet. Start one: labbench run demo")


def _started(good: list[tuple[RunFolder, Status]]) -> list[tuple[RunFolder, Status]]:
    """Runs with what became of those that wait, once somebody is there to start them."""
    from labbench.cli.output import say
    from labbench.errors import RunError
    from labbench.runs.status import job_of

    waiting = [(run, one) for run, one in good if one.state == "queued" or job_of(one)]
    if not waiting:
        return good
    from labbench.scheduler.dispatch import ensure_dispatcher

    try:
        ensure_dispatcher(rows=waiting)
    except RunError as error:
        say(f"labbench: {error}")
    now = {run.id: _again(run, one) for run, one in waiting}
    return [(run, now.get(run.id, one)) for run, one in good]


def _again(run: RunFolder, before: Status) -> Status:
    """The status of a run now; as before, where it cannot be read any more."""
    from labbench.errors import RunError

    try:
        return run.status()
    except RunError:
        return before


@runs_app.command("rm")
def remove(
    runs: RunNames,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete runs for good. A link is not followed."""
    import sys

    from labbench.cli.output import confirm, say
    from labbench.errors import LabbenchError, RunError
    from labbench.paths import expanded
    from labbench.runs import find

    for link in [name for name in runs if "/" in name and expanded(name).is_symlink()]:
        raise RunError("is a link: what it leads to is not deleted.", where=link)
    folders = list(dict.fromkeys(find(name) for name in runs))
    if not yes:
        if not sys.stdin.isatty():
            raise LabbenchError(
                "stdin is no terminal: cannot ask.", where="runs rm", hint="Add --yes."
            )
        confirm(f"Delete {', '.join(folder.id for folder in folders)}?", abort=True)
    from labbench.scheduler.start import remove as delete

    for folder in folders:
        left = delete(folder)
        say(f"{folder.id}: deleted{f'; {left}' if left else '.'}")
