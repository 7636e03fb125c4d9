"""Finished runs with real weights that nobody trained: quick to make, and the same every time."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import numpy as np
import torch

from labbench import architecture, nets
from labbench.audio.clips import Clips
from labbench.nets import Net
from labbench.presets import Preset, from_tree
from labbench.runs import Predictions, RunFolder, create, predictions, status
from labbench.training.checkpoints import Checkpoints
from labbench.training.progress import Best, Progress
from tests import tiny

MODELS: dict[str, dict[str, object]] = {
    "custom-bn": {"convs": 4, "channels": 4, "batch_norm": True},
    "one-conv-tanh": {"convs": 1, "channels": 3, "activation": "tanh"},
    "vgg": {"family": "vgg", "convs": 4, "channels": 4},
    "large-even": {"family": "large", "convs": 3, "channels": 4, "kernel": 24},
    "base": {"family": "base", "channels": 2},
}
"""Shapes that analyses must cope with."""


def preset(model: dict[str, object] | None = None) -> Preset:
    """A preset of the tones with a small net."""
    return from_tree(
        {
            "name": "opened",
            "model": MODELS["custom-bn"] if model is None else model,
            "data": {"name": "tones", "words": list(tiny.WORDS)},
            "training": {"device": "cpu", "epochs": 3},
        },
        "tests/opened.py",
    )


def build(chosen: Preset, seed: int = 0) -> Net:
    """The net with fresh weights, and batch norms that do something."""
    net = nets.build(architecture.plan(chosen.model, len(chosen.data.words)), seed=seed)
    generator = torch.Generator().manual_seed(seed)
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm1d):
            assert part.running_mean is not None
            assert part.running_var is not None
            part.running_mean.copy_(torch.randn(part.num_features, generator=generator) * 0.1)
            part.running_var.copy_(torch.rand(part.num_features, generator=generator) + 0.5)
    return net.eval()


def opened(
    model: dict[str, object] | None = None,
    *,
    seed: int = 0,
    net: Net | None = None,
    root: Path | None = None,
    clips: Clips | None = None,
) -> RunFolder:
    """A finished run on the tones with the weights of `net`, or fresh ones."""
    chosen = preset(model)
    clips = clips or tiny.make_clips()
    run = create(chosen, root)
    net = net or build(chosen, seed)
    best = Best(epoch=3, step=15, val_accuracy=0.5, val_loss=1.0)
    checkpoints = Checkpoints(run.checkpoints_path)
    checkpoints.save_best(net.state_dict(), best)
    tensors = {f"net.{name}": tensor for name, tensor in net.state_dict().items()}
    checkpoints.save_last(tensors, Progress(epoch=3, step=15, best=best), 0)
    for split in ("validation", "test"):
        predictions.write(run.predictions_path(split), predicted(net, clips, split))
    about = {
        "clips": {"name": "tones", "kind": "folder", "fingerprint": clips.meta.fingerprint,
                  "folder": str(clips.folder)},
    }  # fmt: skip
    (run.path / "run.json").write_bytes(msgspec.json.encode(about))
    right = predicted(net, clips, "test")
    status.write(
        run.status_path,
        msgspec.structs.replace(
            run.status(), state="finished", epoch=3, epochs=3, clips="tones",
            test_accuracy=float((right.predicted == right.actual).mean()), ended=time.time(),
        ),
    )  # fmt: skip
    return run


def predicted(net: Net, clips: Clips, split: str) -> Predictions:
    """What the net says of a split's clips."""
    chosen = clips.select(tiny.WORDS, split)  # type: ignore[arg-type]
    samples = torch.from_numpy(np.asarray(clips.clips[chosen.rows], np.float32) / 32768)
    with torch.inference_mode():
        logits = net(samples).numpy()
    names = tuple(clips.names[row].decode() for row in chosen.rows)
    return Predictions(split, 3, tiny.WORDS, chosen.rows, names, chosen.labels, logits)
