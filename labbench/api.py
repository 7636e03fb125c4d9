"""labbench from Python: the functions behind `import labbench`, for notebooks and scripts.

import labbench

run = labbench.open_run("last")          # number, id, path or 'last'
run.preset.model.convs                   # the whole resolved preset
run.history.epochs[-1].val_accuracy      # the course of the run
run.predictions("test").logits           # (N, K)
net = run.net()                          # the torch module with its best weights
run.filters("conv1").responses()         # what its kernels do to frequencies
maps = run.feature_maps("tree", "conv3") # maps.after_CT: every channel over time
pair, means = run.confused("three", "tree")
[heard] = run.predict("mine.wav")        # what it takes a sound for: heard.guesses()
run.evidence("tree", method="ig").total  # which moments of a clip speak for a class
run.dead_channels().layer("conv8")       # which labels wake which channels
run = labbench.train("demo", ["training.epochs=1"])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labbench import paths
from labbench.arguments import checked
from labbench.errors import TrainingError
from labbench.inside import Inside
from labbench.presets import Library, Preset, edited
from labbench.runs import History, Predictions, Status, find, root

if TYPE_CHECKING:
    from labbench.nets import Net


@dataclass(frozen=True, slots=True)
class Run(Inside):
    """A run opened for reading. Nothing is cached: each property reads the folder anew."""

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.id

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    @property
    def status(self) -> Status:
        """State and latest figures."""
        return self.folder.status()

    @property
    def preset(self) -> Preset:
        """The whole resolved preset."""
        return self.folder.preset()

    @property
    def about(self) -> dict[str, Any]:
        """Versions, host, device, seed and clips (run.json)."""
        return self.folder.about()

    @property
    def history(self) -> History:
        """Steps as arrays, epochs, attempts, notes and how it ended."""
        return self.folder.history()

    @checked
    def predictions(self, split: str = "test") -> Predictions:
        """What the net said of every clip of 'validation' or 'test'.

        Raises:
            RunError: there are none yet.
        """
        return self.folder.predictions(split)

    @checked
    def net(self, which: str = "best") -> Net:
        """The torch module with the weights of the 'best' or 'last' checkpoint, on the CPU.

        It takes clips (B, T) of float32 in [-1, 1) and gives logits (B, K); it is in inference
        mode.

        Raises:
            RunError: there is no checkpoint yet, or it is damaged.
            ValueError: `which` is neither.
        """
        from labbench.training.restoring import load_net

        return load_net(self.folder, which)


@checked
def open_run(name: str | Path | int) -> Run:
    """The run of a number, an id, 'last', or a path, which has a '/'.

    Raises:
        RunError: there is none.
    """
    return Run(find(str(name)))


def list_runs() -> list[Run]:
    """All runs, oldest first."""
    return [Run(run) for run in root.list_runs(paths.runs_dir())]


@checked
def load_preset(name: str | Path, changes: Sequence[str] = ()) -> Preset:
    """A preset by name or path, with `section.key=value` changes.

    Raises:
        PresetError: there is none, or a change is not allowed.
    """
    return edited(Library().get(str(name)), changes)


@checked
def train(
    preset: Preset | str | Path,
    changes: Sequence[str] = (),
    *,
    on_status: Callable[[Status], None] | None = None,
) -> Run:
    """Train a preset in a worker of its own and wait for the end.

    Args:
        on_status: called with the latest status a few times a second.

    Raises:
        PresetError, DataError, RunError: it cannot be started.
        TrainingError: it failed, or was stopped before its end.
    """
    from labbench.runs.reader import follow
    from labbench.scheduler.start import new_run, start

    if not isinstance(preset, Preset):
        preset = load_preset(preset)
    run = new_run(edited(preset, changes))
    process = start(run)
    for look in follow(run, process):
        if on_status:
            on_status(look.status)
    code = process.wait()
    status = run.status()
    if status.state != "finished":
        what = status.message or f"its worker died with exit code {code}."
        raise TrainingError(f"{status.state}: {what}", where=run.id, hint=status.hint)
    return Run(run)
