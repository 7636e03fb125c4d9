"""Runs as what other programs read: CSV tables, TensorBoard event files, ONNX.

Every file is whole or not there; what an earlier export of the run wrote is replaced.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from labbench.distribution import install_command
from labbench.errors import LabbenchError, RunError
from labbench.outputs import make_folder
from labbench.runs import RunFolder
from labbench.worker.asking import ask

Target = Literal["csv", "tensorboard", "onnx"]
TARGETS: tuple[str, ...] = get_args(Target)

NEEDS: dict[str, tuple[str, ...]] = {
    "csv": (),
    "tensorboard": ("tensorboard",),
    "onnx": ("onnx", "onnxscript", "onnxruntime"),
}
"""Packages of the optional extra of the same name."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written of one run."""

    run: str
    files: tuple[Path, ...]
    about: dict[str, Any]
    """Further facts, ready for JSON."""

    def as_json(self) -> dict[str, Any]:
        """Run, files and facts."""
        return {"run": self.run, "files": [str(path) for path in self.files], **self.about}


def check_extra(target: Target) -> None:
    """Refuse a target whose optional packages are not installed.

    Raises:
        LabbenchError: with the line that installs them.
    """
    missing = [name for name in NEEDS[target] if importlib.util.find_spec(name) is None]
    if missing:
        raise LabbenchError(
            f"{', '.join(missing)} not installed: needed to export to {target}.",
            hint=install_command(target),
        )


def export(run: RunFolder, target: Target, folder: Path) -> Exported:
    """Write a run into `folder`, under its id.

    Raises:
        LabbenchError: an optional package is missing, the run has nothing to export, or the
            folder cannot be written.
    """
    check_extra(target)
    match target:
        case "csv":
            from labbench.export.tables import write_tables

            return Exported(run.id, write_tables(run, folder / run.id), {})
        case "tensorboard":
            from labbench.export.tensorboard import write_events

            return Exported(run.id, (write_events(run, folder / run.id),), {})
        case "onnx":
            path = folder / f"{run.id}.onnx"
            return Exported(run.id, (path,), write_onnx(run, path))


def write_onnx(run: RunFolder, path: Path) -> dict[str, Any]:
    """Write the best checkpoint as ONNX; returns what was checked.

    Raises:
        RunError: there is no checkpoint yet, or the folder cannot be written.
        LabbenchError: the ONNX net does not answer as the torch net does.
    """
    if not (run.checkpoints_path / "best.json").is_file():
        raise RunError(
            "there is no checkpoint yet.", where=run.id,
            hint="The first one comes with the first complete epoch.",
        )  # fmt: skip
    make_folder(path.parent)
    return ask("labbench.worker.onnx", str(run.path), str(path.absolute()))
