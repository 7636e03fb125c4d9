"""Checkpoints of a run: tensors as safetensors, the rest as JSON that names them. No pickle.

`last.json` is the root: it is replaced atomically, last of all, and names the tensors of the last
and the best checkpoint. A kill at any moment leaves the one before or the one after, whole.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from labbench import paths
from labbench.decoding import decoded
from labbench.errors import RunError
from labbench.runs.files import write_atomic
from labbench.runs.trust import names, reached
from labbench.training.progress import Best, Progress

Tensors = dict[str, Tensor]


class LastFile(msgspec.Struct, frozen=True, kw_only=True):
    """What last.json holds."""

    file: str
    progress: Progress
    events_bytes: int
    """Size of the event log at this moment: a resumed run cuts it back to here."""
    best_file: str | None = None


class BestFile(msgspec.Struct, frozen=True, kw_only=True):
    """What best.json holds."""

    file: str
    best: Best


@dataclass(frozen=True, slots=True)
class Loaded:
    """A last checkpoint read back."""

    about: LastFile
    tensors: Tensors
    """Net and optimiser."""
    best: Tensors | None
    """The best checkpoint's net."""

    @property
    def net(self) -> Tensors:
        """The net's part of the tensors, under its own names."""
        return part(self.tensors, "net.")


def part(tensors: Tensors, prefix: str) -> Tensors:
    """The tensors whose name begins with `prefix`, without it."""
    return {k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)}


class Checkpoints:
    """The checkpoints folder of one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._within = folder.parent.parent

    def save_best(self, tensors: Tensors, best: Best) -> None:
        """Write the best net; it counts once the next `save_last` names it.

        Raises:
            RunError: the disk is full; the checkpoints there were stay.
        """
        name = f"best-{best.step:08d}.safetensors"
        self._write(name, tensors)
        about = BestFile(file=name, best=best)
        self._point("best.json", about)

    def save_last(self, tensors: Tensors, progress: Progress, events_bytes: int) -> None:
        """Write net and optimiser, make them the ones to resume from, drop older files.

        Raises:
            RunError: the disk is full; the checkpoints there were stay.
        """
        name = f"last-{progress.step:08d}.safetensors"
        self._write(name, tensors)
        best = f"best-{progress.best.step:08d}.safetensors" if progress.best else None
        about = LastFile(file=name, progress=progress, events_bytes=events_bytes, best_file=best)
        self._point("last.json", about)
        self._drop_others({name, best})

    def load_last(self) -> Loaded | None:
        """What to resume from, or None where nothing was saved yet.

        Raises:
            RunError: a checkpoint is damaged.
        """
        path = self.folder / "last.json"
        try:
            about = decoded(paths.read(path), LastFile)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise RunError(f"is damaged: {error}.", where=str(path)) from None
        best = self.load(about.best_file) if about.best_file else None
        return Loaded(about=about, tensors=self.load(about.file), best=best)

    def load_best(self) -> tuple[BestFile, Tensors]:
        """The best net so far.

        Raises:
            RunError: there is none yet, or it is damaged.
        """
        path = self.folder / "best.json"
        try:
            about = decoded(paths.read(path), BestFile)
        except FileNotFoundError:
            raise RunError(
                "there is no checkpoint yet.", where=str(path),
                hint="The first one comes with the first complete epoch.",
            ) from None  # fmt: skip
        except (OSError, msgspec.MsgspecError) as error:
            raise RunError(f"is damaged: {error}.", where=str(path)) from None
        return about, self.load(about.file)

    def restore_best_pointer(self, about: LastFile) -> None:
        """Point best.json at the best checkpoint that the last one knows."""
        best = about.progress.best
        if best and about.best_file:
            self._point("best.json", BestFile(file=about.best_file, best=best))
        else:
            self._drop(lambda name: name == "best.json")

    def load(self, name: str) -> Tensors:
        """The tensors of one file, on the CPU.

        Raises:
            RunError: it is missing or damaged.
        """
        # What names a file of another folder was not written by a worker.
        path = self.folder / Path(name).name
        try:
            tensors: Tensors = load_file(paths.plain(path))
        except (OSError, ValueError, SafetensorError) as error:
            raise RunError(f"cannot be read: {error}.", where=str(path)) from None
        return tensors

    def _write(self, name: str, tensors: Tensors) -> None:
        content = save({key: t.detach().contiguous().cpu() for key, t in tensors.items()})
        write_atomic(self.folder / name, content, within=self._within)

    def _point(self, name: str, about: LastFile | BestFile) -> None:
        write_atomic(self.folder / name, msgspec.json.encode(about), within=self._within)

    def _drop_others(self, kept: set[str | None]) -> None:
        self._drop(lambda name: name.endswith(".safetensors") and name not in kept)

    def _drop(self, unwanted: Callable[[str], bool]) -> None:
        with reached(self.folder, self._within) as folder:
            for name in filter(unwanted, names(folder)):
                with contextlib.suppress(OSError):
                    os.unlink(name, dir_fd=folder)
