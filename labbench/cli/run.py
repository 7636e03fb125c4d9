"""`labbench run` and `labbench stop`: start a worker, watch it, report what came out."""

from __future__ import annotations

import signal
import subprocess
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from labbench.errors import STOPPED_EXIT_CODE, PresetError, RunError

if TYPE_CHECKING:
    from labbench.runs import RunFolder


def run(
    preset: Annotated[
        str, typer.Argument(help="A preset by name, or a .toml file; see `labbench presets`.")
    ] = "",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change a value; repeatable."),
    ] = None,
    data: Annotated[
        str, typer.Option(help="The clips to use: short for --set data.name=NAME.")
    ] = "",
    resume: Annotated[
        str, typer.Option(metavar="RUN", help="Go on with a stopped, failed or lost run.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout at the end.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> int:
    """Train a preset, judge it on the test clips and report.

    Ctrl+C ends it after the step under way (again: at once); --resume goes on from there.
    """
    from labbench.worker.start import start

    folder = _resumed(resume, preset, set_, data) if resume else _new(preset, set_ or [], data)
    return _watched(folder, start(folder), as_json=json, quiet=quiet)


def _new(name: str, changes: list[str], data: str) -> RunFolder:
    from labbench.presets import Library, edited
    from labbench.worker.start import new_run

    if not name:
        raise PresetError("no preset was named.", hint="For example: labbench run demo")
    if data:
        changes = [*changes, f"data.name={data}"]
    return new_run(edited(Library().get(name), changes))


def _resumed(name: str, preset: str, changes: list[str] | None, data: str) -> RunFolder:
    from labbench.runs import find

    if preset or changes or data:
        raise PresetError(
            "--resume goes on with the run as it is: no preset, --set or --data beside it.",
            hint=f"A changed run is a new one: labbench run {preset or 'PRESET'} --set ...",
        )
    return find(name)


def _watched(
    folder: RunFolder, process: subprocess.Popen[bytes], *, as_json: bool, quiet: bool
) -> int:
    """Watch a run to its end; returns its exit code."""
    from labbench.cli.progress import Progress
    from labbench.worker.watch import follow

    _pass_on_signals(process)
    with Progress(folder, quiet=quiet) as progress:
        for look in follow(folder, process):
            progress.show(look)
    code = process.wait()
    status = folder.status()
    if status.state == "finished":
        from labbench.cli.report import print_report

        print_report(folder, as_json=as_json)
        return 0
    if as_json:
        from labbench.cli.report import print_report

        print_report(folder, as_json=True)
    if status.state == "stopped":
        progress.say(f"{folder.id}: {status.message} Resume: labbench run --resume {folder.number}")
        return STOPPED_EXIT_CODE
    if status.state == "failed":
        progress.say(f"{folder.id} failed: {status.message} {status.hint}".rstrip())
        return status.exit_code or code or 1
    raise RunError(
        f"the worker died without a word (exit code {code}).", where=folder.id,
        hint=f"See {folder.console_path}; resume: labbench run --resume {folder.number}",
    )  # fmt: skip


def _pass_on_signals(process: subprocess.Popen[bytes]) -> None:
    """Ctrl+C here means the worker, which lives in a session of its own."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        if process.poll() is None:
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)


def stop(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Number, id, path or last.")],
    now: Annotated[
        bool, typer.Option("--now", help="At once, losing steps since the last checkpoint.")
    ] = False,
) -> None:
    """Ask running runs to stop; they can be resumed."""
    from labbench.cli.output import say
    from labbench.runs import find
    from labbench.runs.status import LIVE

    folders = [find(name) for name in runs]
    for folder in folders:
        state = folder.status().state
        if state not in LIVE:
            raise RunError(f"is not running: it is {state}.", where=folder.id)
        folder.ask("stop-now" if now else "stop")
        say(f"{folder.id}: asked to stop.")
