"""The child that makes ONNX: `python -m labbench.worker.onnx RUN_FOLDER FILE`.

Shapes: B batch, T time samples, K classes.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from labbench.errors import LabbenchError
from labbench.nets import Net
from labbench.outputs import fill_output
from labbench.presets import to_toml
from labbench.runs import RunFolder
from labbench.training.checkpoints import Checkpoints
from labbench.training.restoring import load_net
from labbench.units import CLIP_SAMPLES, SAMPLE_RATE_HZ
from labbench.version import VERSION
from labbench.worker.asking import answer

PREPROCESSING = (
    "mono (mean of channels), resampled to 16 kHz, first second, zeros behind shorter clips; "
    "int16 samples / 32768 as float32"
)

CLIPS = 4
"""Random clips that both nets are asked about: some batch, to see that any batch goes."""

TOLERANCE = 1e-4
"""Of the largest logit: what float32 sums in another order may differ by."""


class Plain(nn.Module):
    """The net as a function of one tensor, made of what ONNX has."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.net = net
        for name, part in net.named_children():
            if isinstance(part, nn.RReLU):
                # In inference mode it is a leaky ReLU with the mean of its slopes.
                setattr(net, name, nn.LeakyReLU((part.lower + part.upper) / 2))

    def forward(self, clips: Tensor) -> Tensor:
        logits: Tensor = self.net(clips)
        return logits


def make(arguments: list[str]) -> dict[str, Any]:
    """Write the best net of a run and compare its answers with torch's.

    Raises:
        LabbenchError: there is no checkpoint, the answers differ, or it cannot be written.
    """
    run, path = RunFolder(Path(arguments[0])), Path(arguments[1])
    best, _ = Checkpoints(run.checkpoints_path).load_best()
    net = load_net(run)
    clips_BT = torch.rand(CLIPS, CLIP_SAMPLES, generator=torch.Generator().manual_seed(0)) - 0.5
    with torch.inference_mode():
        logits_BK = net(clips_BT).numpy()
    facts = about(run, best.best.epoch, best.best.val_accuracy)

    def fill(temporary: Path) -> None:
        write(Plain(net).eval(), temporary, facts)
        facts["largest_difference"] = check(temporary, clips_BT.numpy(), logits_BK, run.id)

    fill_output(path, fill)
    return facts


def about(run: RunFolder, epoch: int, val_accuracy: float) -> dict[str, Any]:
    """What goes into the model's metadata under `labbench.`, and into the answer."""
    preset = run.preset()
    return {
        "run": run.id, "preset": preset.name, "version": VERSION, "epoch": epoch,
        "val_accuracy": val_accuracy, "test_accuracy": run.status().test_accuracy,
        "words": list(preset.data.words), "sample_rate_hz": SAMPLE_RATE_HZ,
        "samples": CLIP_SAMPLES, "preprocessing": PREPROCESSING, "settings": to_toml(preset),
    }  # fmt: skip


def write(net: nn.Module, path: Path, facts: dict[str, Any]) -> None:
    """Write a net that takes clips (B, T) of any B and gives logits (B, K)."""
    import onnx

    example = torch.zeros(2, CLIP_SAMPLES)
    with quiet():
        torch.onnx.export(
            net, (example,), path, dynamo=True, external_data=False, verbose=False,
            input_names=["clips"], output_names=["logits"],
            dynamic_shapes={"clips": {0: torch.export.Dim("batch")}},
        )  # fmt: skip
    model = onnx.load(path)
    model.producer_name, model.producer_version = "labbench", VERSION
    model.doc_string = f"{facts['run']}: clips (batch, {CLIP_SAMPLES}) -> logits (batch, words)"
    for key, value in facts.items():
        text = value if isinstance(value, str) else json.dumps(value)
        model.metadata_props.add(key=f"labbench.{key}", value=text)
    onnx.checker.check_model(model)
    onnx.save(model, path)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Inside, what the exporter says on its way, meant for its own developers, is not heard."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def check(path: Path, clips_BT: np.ndarray, logits_BK: np.ndarray, run: str) -> float:
    """The largest difference between ONNX' logits and torch's.

    Raises:
        LabbenchError: it is more than rounding.
    """
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(["logits"], {"clips": clips_BT})
    difference = float(np.abs(np.asarray(found) - logits_BK).max())
    if not difference <= TOLERANCE * max(1.0, float(np.abs(logits_BK).max())):
        raise LabbenchError(
            f"the ONNX net's logits differ from torch's by up to {difference:.3g}.", where=run,
            hint="Nothing was written. Try other versions of onnx, onnxscript and onnxruntime.",
        )  # fmt: skip
    return difference


if __name__ == "__main__":
    sys.exit(answer(make))
