"""`labbench run`, `watch`, `stop` and `checkpoint`: what is asked of runs, and watched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from labbench.cli.options import RunName, RunNames
from labbench.errors import PresetError

if TYPE_CHECKING:
    from labbench.runs import RunFolder

On = Literal["local", "slurm"]
"""Where runs are trained."""


OnOption = Annotated[
    On | None, typer.Option("--on", help="slurm: as a job of the cluster; default: this machine.")
]
SlurmArgs = Annotated[
    str | None,
    typer.Option("--slurm-args", help='Options for sbatch: "-p gpu --gres=gpu:1 -t 8:00:00".'),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout at the end.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


def run(
    preset: Annotated[
        str,
        typer.Argument(metavar="PRESET", help="A name (see `labbench presets`) or a .toml file."),
    ] = "",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change a value; repeatable."),
    ] = None,
    data: Annotated[
        str, typer.Option(help="Data set to use: short for --set data.name=NAME.")
    ] = "",
    resume: Annotated[
        str, typer.Option(metavar="RUN", help="Resume a stopped, failed or lost run.")
    ] = "",
    detach: Annotated[
        bool,
        typer.Option(
            "--detach", "-d", help="Print the run's id and leave it running in the background."
        ),
    ] = False,
    now: Annotated[bool, typer.Option("--now", help="Start at once, bypassing the queue.")] = False,
    on: OnOption = None,
    slurm_args: SlurmArgs = None,
    json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Train a preset, evaluate it on the test clips and report.

    It waits in the queue while the device is busy (LABBENCH_SLOTS: how many runs may share one).
    Ctrl+C stops it after the current step (again: at once); --resume continues from there.
    With --detach it outlives this terminal. With --on slurm it is a job of a Slurm cluster.
    """
    from labbench.cli.watching import Interrupts, watched
    from labbench.scheduler.start import start

    where = placed(on, slurm_args)
    if now and on == "slurm":
        raise typer.BadParameter("a cluster starts jobs in its own order.", param_hint="--now")
    # Who presses Ctrl+C while the run is being queued means the run, not only this command.
    with Interrupts() as interrupts:
        if resume:
            folder = _resumed(resume, preset, set_, data, on=on, slurm=where, now=now)
        else:
            folder = _new(preset, set_ or [], data, slurm=where, now=now)
        process = start(folder) if now else None
        if detach:
            return _left(folder, as_json=json, quiet=quiet)
        return watched(folder, interrupts, process, as_json=json, quiet=quiet)


def _left(folder: RunFolder, *, as_json: bool, quiet: bool) -> int:
    """Say which run it is and how to come back to it."""
    from labbench.cli.output import print_json, put, say
    from labbench.cli.watching import waiting_text
    from labbench.runs.reader import RunsReader

    if as_json:
        print_json({"run": folder.id, "folder": str(folder.path)})
    else:
        put(folder.id)
    if not quiet:
        status = folder.status()
        text = waiting_text(folder, status, RunsReader(folder.path.parent).read())
        say(f"{folder.id}: {text or 'starting'}.")
        say(f"Watch it: labbench watch {folder.number}   stop it: labbench stop {folder.number}")
    return 0


def placed(on: On | None, slurm_args: str | None) -> str | None:
    """Options of sbatch where a new run is to be a job of a cluster; None: this host's queue.

    Raises:
        typer.BadParameter: there are options of sbatch and no cluster.
    """
    if on != "slurm":
        if slurm_args is not None:
            raise typer.BadParameter("is for --on slurm.", param_hint="--slurm-args")
        return None
    return slurm_args or ""


def _new(name: str, changes: list[str], data: str, *, slurm: str | None, now: bool) -> RunFolder:
    from labbench.presets import Library, edited
    from labbench.scheduler.start import new_run, submit

    if not name:
        raise PresetError("no preset was named.", hint="For example: labbench run demo")
    if data:
        changes = [*changes, f"data.name={data}"]
    chosen = edited(Library().get(name), changes)
    return new_run(chosen) if now else submit(chosen, slurm=slurm)


def _resumed(
    name: str, preset: str, changes: list[str] | None, data: str, *, on: On | None,
    slurm: str | None, now: bool,
) -> RunFolder:  # fmt: skip
    from labbench.runs import find
    from labbench.scheduler.start import resume

    if preset or changes or data:
        raise PresetError(
            "--resume continues a run as it is: it takes no preset, --set or --data.",
            hint=f"A changed run is a new one: labbench run {preset or 'PRESET'} --set ...",
        )
    folder = find(name)
    if not now:
        # Options that were not named again are those it had.
        resume(folder, on=on, slurm=slurm or None)
    return folder


def watch(
    run: RunName = "last",
    json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Watch a run to its end and report. Ctrl+C only leaves it."""
    from labbench.cli.watching import Interrupts, watched
    from labbench.runs import find

    with Interrupts() as interrupts:
        return watched(find(run), interrupts, as_json=json, quiet=quiet, stops=False)


def stop(
    runs: RunNames,
    now: Annotated[
        bool, typer.Option("--now", help="At once, losing steps since the last checkpoint.")
    ] = False,
) -> None:
    """Stop runs; they can be resumed. Waiting ones leave the queue."""
    from labbench.cli.output import say
    from labbench.runs import find
    from labbench.scheduler import start

    for folder in [find(name) for name in runs]:
        how = start.stop(folder, now=now)
        say(f"{folder.id}: {'asked to stop' if how == 'asked' else 'taken out of the queue'}.")
    start.ensure_dispatcher()


def checkpoint(runs: RunNames) -> None:
    """Ask running runs to write a checkpoint now."""
    from labbench.cli.output import say
    from labbench.runs import find
    from labbench.scheduler import start

    for folder in [find(name) for name in runs]:
        start.checkpoint(folder)
        say(f"{folder.id}: asked for a checkpoint.")
