"""`labbench data ...`: the clips that runs train on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from labbench.cli.clips import clip, clips
from labbench.cli.options import Color, Form, Format, Json, JsonForm, Output, Width
from labbench.cli.output import write_view
from labbench.errors import BusyError, LabbenchError

if TYPE_CHECKING:
    from labbench.audio.jobs import Order

data_app = typer.Typer(
    help="Add, fetch, make, list and remove clips.", no_args_is_help=True, rich_markup_mode=None
)

Words = Annotated[str, typer.Option(help="Only these words, with commas between.")]
Replace = Annotated[bool, typer.Option("--replace", help="Replace a data set of this name.")]
Force = Annotated[bool, typer.Option("--force", help="Replace it even if runs need it.")]
Detach = Annotated[
    bool, typer.Option("--detach", help="Run in the background; it outlives the terminal.")
]


@data_app.callback()
def data() -> None:
    """Add, fetch, make, list and remove clips."""
    from labbench.audio import jobs

    jobs.sweep_half_made()


NEEDED = "Stop them, or add --force."


def _list(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


@data_app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the data set.")],
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A folder, .zip or .tar (.gz, .xz, .bz2).")
    ],
    words: Words = "",
    replace: Replace = False,
    force: Force = False,
    detach: Detach = False,
) -> None:
    """Add clips: Speech Commands, or any folder with one folder per word.

    wav, flac, ogg, opus, mp3, aiff, au, w64 and caf are read.
    """
    from labbench.audio.jobs import Add

    _make(Add(name=name, path=str(path), words=_list(words), replace=replace), force, detach)


@data_app.command()
def fetch(
    url: Annotated[str, typer.Option(help="Another URL of the same archive.")] = "",
    all_words: Annotated[
        bool, typer.Option("--all-words", help="All 35 words (3.4 GB), not the report's 16.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep-archive", help="Keep the archive (2.4 GB) afterwards.")
    ] = False,
    replace: Replace = False,
    force: Force = False,
    detach: Detach = False,
) -> None:
    """Fetch Speech Commands v0.02 (2.4 GB). An interrupted download resumes where it stopped."""
    from labbench.audio.jobs import Fetch
    from labbench.audio.library import SPEECH_COMMANDS, data_set_names
    from labbench.errors import DataError
    from labbench.presets import WORDS

    if SPEECH_COMMANDS in data_set_names() and not replace:
        raise DataError(f"{SPEECH_COMMANDS} is here already.", hint="--replace makes it again.")
    order = Fetch(words=() if all_words else WORDS, replace=replace, keep_archive=keep)
    if url:
        order = msgspec.structs.replace(order, url=url)
    _make(order, force, detach)


@data_app.command()
def synth(
    name: Annotated[str, typer.Option(help="What to call the data set.")] = "synthetic",
    clips: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many clips.")] = 6000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    words: Words = "",
    replace: Replace = False,
    force: Force = False,
    detach: Detach = False,
) -> None:
    """Make synthetic speech: spoken words from a speech synthesiser.

    eSpeak NG: many voices, rates, noises.
    """
    from labbench.audio.jobs import Synth

    order = Synth(name=name, clips=clips, seed=seed, words=_list(words), replace=replace)
    _make(order, force, detach)


def _make(order: Order, force: bool, detach: bool) -> None:
    """Make a data set, and show it; or leave that to a process of its own.

    Raises:
        BusyError: it would take the place of one that runs need, and is not forced to.
    """
    from labbench import paths
    from labbench.audio import maker
    from labbench.cli.meter import metered
    from labbench.cli.output import say

    maker.check(order)
    replaces = order.replace and (paths.clips_dir() / order.name).exists()
    if replaces and not force and (needed := _needed([order.name])):
        raise BusyError(needed.strip(), where="--replace", hint=NEEDED)
    if detach:
        maker.start(order)
        say(f"{order.name}: being made. labbench data list shows its progress;"
            f" labbench data cancel {order.name} stops it.")  # fmt: skip
        return
    with metered() as progress:
        maker.make(order, progress)
    _show(order.name)


@data_app.command()
def cancel(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A data set in the making.")],
) -> None:
    """Cancel a data set in the making. Fetched again, a download resumes where it stopped."""
    from labbench.audio import jobs
    from labbench.cli.output import say

    jobs.cancel(name)
    say(f"{name}: asked to stop.")


@data_app.command("list")
def list_(json: Json = False) -> None:
    """List the data sets."""
    from labbench.audio.jobs import all_jobs
    from labbench.audio.library import HOW_TO_MAKE, survey
    from labbench.cli.output import print_json, print_view, say
    from labbench.views.data import DataListView
    from labbench.views.jobs import in_words

    view = DataListView(tuple(survey()))
    for job in all_jobs():
        say(f"{job.name}: {in_words(job)}")
    for one in view.sets:
        if one.damage:
            say(f"labbench: data set {one.name} is damaged: {one.damage}")
    if json:
        print_json(view.as_json())
    elif view.sets:
        print_view(view)
    elif not all_jobs():
        say(f"There are no data sets yet. {HOW_TO_MAKE}")


@data_app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A data set's name or folder.")],
    form: Form = "ansi",
    json: JsonForm = False,
    width: Width = None,
    color: Color = False,
    output: Output = None,
) -> None:
    """Show clips by word and split, speakers, durations.

    And what was changed or left out.
    """
    form = "json" if json else form
    _show(name, form, width=width, color=color, output=output)


def _show(
    name: str, form: Format = "ansi", *, width: int | None = None, color: bool = False,
    output: Path | None = None,
) -> None:  # fmt: skip
    from labbench.audio.clips import open_clips
    from labbench.views.data import DataView

    view = DataView.of(open_clips(name))
    write_view(view, form, width=width, color=color, output=output, title=f"data {name}")


@data_app.command()
def check(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A data set's name or folder.")],
    form: Form = "ansi",
    json: JsonForm = False,
    width: Width = None,
    color: Color = False,
    output: Output = None,
) -> int:
    """Check clips for problems that bias results.

    The same sound in two splits or under two words, near duplicates, silent clips, levels, words
    that look alike. Exit code 4 if something biases results; notes do not count.
    """
    from labbench.audio.check import check as look
    from labbench.audio.clips import open_clips
    from labbench.audio.findings import keep
    from labbench.cli.meter import metered
    from labbench.cli.output import say
    from labbench.errors import DataError
    from labbench.views.findings import CheckView

    clips = open_clips(name)
    with metered() as progress:
        found = look(clips, progress)
    try:
        keep(clips.folder, found)
    except LabbenchError as error:
        say(f"labbench: this is not kept: {error}")
    write_view(
        CheckView(clips.meta.name, found), "json" if json else form, width=width,
        color=color, output=output, title=f"data check {name}",
    )  # fmt: skip
    return DataError.exit_code if found.warnings else 0


@data_app.command("rm")
def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Data sets.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Even if runs need them.")] = False,
) -> None:
    """Delete data sets for good. A link is not followed."""
    from labbench import paths
    from labbench.audio import jobs, library
    from labbench.cli.output import confirm, say

    for name in names:
        if jobs.read(library.check_name(name)) is None:
            library.find(name)
    needed = "" if force else _needed(names)
    if not yes:
        if not sys.stdin.isatty():
            raise LabbenchError(
                "stdin is no terminal: cannot ask.", where="data rm", hint="Add --yes."
            )
        confirm(f"{needed}Delete {', '.join(names)}?", abort=True)
    elif needed:
        raise BusyError(needed.strip(), where="data rm", hint=NEEDED)
    for name in names:
        jobs.forget(name)
        if (paths.clips_dir() / name).exists():
            library.remove(name)
        say(f"{name}: deleted.")


def _needed(names: list[str]) -> str:
    """Which runs are trained on the data sets, or wait to be; "" where none does.

    Raises:
        RunError: the runs cannot be read.
    """
    from labbench.runs import queue
    from labbench.runs.reader import listing

    rows = listing()[0]
    used = {name: [run.id for run in queue.using(name, rows)] for name in names}
    return "".join(f"{name} is needed by {', '.join(ids)}. " for name, ids in used.items() if ids)


data_app.command()(clips)
data_app.command()(clip)
