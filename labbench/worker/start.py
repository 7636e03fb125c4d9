"""Makes runs and starts their workers: children without terminal, that outlive us."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from labbench.audio.library import AUTO, SYNTHETIC, auto_name, find
from labbench.errors import RunError
from labbench.presets import Preset
from labbench.runs import RunFolder, control, create
from labbench.worker.environment import worker_environment


def new_run(preset: Preset) -> RunFolder:
    """A run folder for a preset, its data set named where the preset says auto.

    Raises:
        DataError: there is no such data set, or several could be meant.
        RunError: the folder cannot be made.
    """
    name = preset.data.name
    if name == AUTO:
        name = auto_name(preset.data.words)
    if name != SYNTHETIC:
        find(name)
    data = msgspec.structs.replace(preset.data, name=name)
    return create(msgspec.structs.replace(preset, data=data))


def start(run: RunFolder) -> subprocess.Popen[bytes]:
    """Start the worker of a run that is queued, stopped, failed or lost.

    Raises:
        RunError: the run is finished or has a worker, or no process can be started.
    """
    state = run.status().state
    if state in ("starting", "running"):
        raise RunError("is running already.", where=run.id, hint="Watch it: `labbench runs`.")
    if state == "finished":
        raise RunError("is finished: there is nothing to resume.", where=run.id,
                       hint=f"Look at it: `labbench show {run.number}`.")  # fmt: skip
    control.clear(run.control_path)
    try:
        with run.console_path.open("ab") as console:
            return subprocess.Popen(
                [sys.executable, "-m", "labbench.worker", str(run.path)],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                start_new_session=True, env=worker_environment(),
            )  # fmt: skip
    except OSError as error:
        raise RunError(f"no worker could be started: {error}.", where=run.id) from error
