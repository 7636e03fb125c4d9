"""`labbench data ...`: the clips that runs train on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from labbench.cli.clips import clip, clips
from labbench.cli.options import Color, Form, Output, Width
from labbench.cli.output import write_view
from labbench.cli.showing.command import Format
from labbench.errors import LabbenchError

data_app = typer.Typer(
    help="Add, fetch, make, list and remove clips.", no_args_is_help=True, rich_markup_mode=None
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Words = Annotated[str, typer.Option(help="Only these words, with commas between.")]
Replace = Annotated[bool, typer.Option("--replace", help="Replace a data set of this name.")]


def _list(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(",") if word.strip())


@data_app.command()
def add(
    name: Annotated[str, typer.Argument(help="What to call the data set.")],
    path: Annotated[Path, typer.Argument(help="A folder, .tar.gz, .tar or .zip.")],
    words: Words = "",
    replace: Replace = False,
) -> None:
    """Add clips: Speech Commands, or any folder with one folder a word (wav, flac, ogg, mp3)."""
    from labbench.audio.build import add as add_clips
    from labbench.cli.meter import metered

    with metered() as progress:
        add_clips(name, path, words=_list(words), replace=replace, progress=progress)
    _show(name)


@data_app.command()
def fetch(
    url: Annotated[str, typer.Option(help="Another place of the same archive.")] = "",
    all_words: Annotated[
        bool, typer.Option("--all-words", help="All 35 words (3.4 GB), not the report's 16.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep-archive", help="Keep the archive (2.4 GB) afterwards.")
    ] = False,
    replace: Replace = False,
) -> None:
    """Fetch Speech Commands v0.02 (2.4 GB); a broken download goes on where it stopped."""
    from labbench import paths
    from labbench.audio.build import add as add_clips
    from labbench.audio.fetch import URL, Remote
    from labbench.audio.fetch import fetch as fetch_archive
    from labbench.audio.library import SPEECH_COMMANDS, data_set_names
    from labbench.cli.meter import metered
    from labbench.errors import DataError
    from labbench.presets import WORDS

    if SPEECH_COMMANDS in data_set_names() and not replace:
        raise DataError(f"{SPEECH_COMMANDS} is here already.", hint="--replace makes it anew.")
    remote = Remote(url=url or URL)
    archive = paths.clips_dir() / ".fetched" / "speech_commands_v0.02.tar.gz"
    with metered() as progress:
        fetch_archive(remote, archive, progress=progress)
        words = () if all_words else WORDS
        add_clips(
            SPEECH_COMMANDS, archive, words=words, replace=replace, progress=progress,
            source=remote.url,
        )  # fmt: skip
    if not keep:
        archive.unlink()
    _show(SPEECH_COMMANDS)


@data_app.command()
def synth(
    name: Annotated[str, typer.Option(help="What to call the data set.")] = "synthetic",
    clips: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many clips.")] = 6000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    words: Words = "",
    replace: Replace = False,
) -> None:
    """Make spoken words with a speech synthesiser (eSpeak NG): many voices, rates, noises."""
    from labbench.audio.synthesis import synthesize
    from labbench.cli.meter import metered
    from labbench.presets import WORDS

    with metered() as progress:
        synthesize(
            name, clips=clips, seed=seed, words=_list(words) or WORDS, replace=replace,
            progress=progress,
        )  # fmt: skip
    _show(name)


@data_app.command("list")
def list_(json: Json = False) -> None:
    """List the data sets."""
    from labbench.audio.library import HOW_TO_MAKE, survey
    from labbench.cli.output import print_json, print_view, say
    from labbench.views.data import DataListView

    view = DataListView(tuple(survey()))
    for one in view.sets:
        if one.damage:
            say(f"labbench: data set {one.name} is damaged: {one.damage}")
    if json:
        print_json(view.as_json())
    elif view.sets:
        print_view(view)
    else:
        say(f"There are no data sets yet. {HOW_TO_MAKE}")


@data_app.command()
def show(
    name: Annotated[str, typer.Argument(help="A data set's name or folder.")],
    json: Json = False,
    form: Form = Format.ansi,
    width: Width = None,
    color: Color = False,
    output: Output = None,
) -> None:
    """Show clips by word and split, speakers, durations, and what was changed or left out."""
    form = Format.json if json else form
    _show(name, form, width=width, color=color, output=output)


def _show(
    name: str, form: Format = Format.ansi, *, width: int | None = None, color: bool = False,
    output: Path | None = None,
) -> None:  # fmt: skip
    from labbench.audio.clips import open_clips
    from labbench.views.data import DataView

    view = DataView.of(open_clips(name))
    write_view(view, form.value, width=width, color=color, output=output, title=f"data {name}")


@data_app.command("rm")
def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Data sets.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete data sets for good."""
    from labbench.audio import library
    from labbench.cli.output import say

    for name in names:
        library.find(library.check_name(name))
    if not yes:
        if not sys.stdin.isatty():
            raise LabbenchError("nobody is there to ask.", where="data rm", hint="Add --yes.")
        typer.confirm(f"Delete {', '.join(names)}?", abort=True, err=True)
    for name in names:
        library.remove(name)
        say(f"{name}: deleted.")


data_app.command()(clips)
data_app.command()(clip)
