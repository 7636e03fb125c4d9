"""A run's net as ONNX (optional extra `onnx`): made and checked in a process that has torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labbench.errors import RunError
from labbench.outputs import make_folder
from labbench.runs import RunFolder
from labbench.worker.asking import ask


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
