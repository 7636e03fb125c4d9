"""A run's net with its best weights, ready to be looked into.

B batch, C channels, T time samples, K classes.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module

import torch
from torch import Tensor

from labbench.architecture import Plan
from labbench.architecture.stages import Stage, stage
from labbench.audio.progress import Progress, silent
from labbench.errors import RunError
from labbench.interpret.clip import ClipRef, samples_of
from labbench.interpret.question import A, Question, kept, stored
from labbench.nets import Net
from labbench.nets.weights import set_weights
from labbench.runs import RunFolder, analyses, weights

TRIES = 3
"""A run that trains may replace its best checkpoint while it is read."""


@dataclass(frozen=True)
class Context:
    """A run and its net on the CPU, in inference mode, without gradients of weights."""

    run: RunFolder
    net: Net
    words: tuple[str, ...]
    epoch: int
    digest: str
    """Of the weights."""

    @property
    def plan(self) -> Plan:
        """The net's layers."""
        return self.net.plan

    def stage(self, name: str) -> Stage:
        """The convolution of a name or number.

        Raises:
            RunError: there is none.
        """
        return stage(self.plan, name)

    def clip(self, clip: ClipRef) -> Tensor:
        """(1, T) a clip as the net hears it.

        Raises:
            LabbenchError: it is gone.
        """
        return torch.from_numpy(samples_of(self.run, clip))[None]

    def ask(self, question: Question[A], report: Progress = silent) -> A:
        """What is kept, or what is found out now; kept then, where it can be.

        Raises:
            LabbenchError: the question cannot be answered, and why.
        """
        if (found := kept(self.run, question, self.digest)) is not None:
            return found
        found = compute(self, question, report)
        try:
            self.keep(question, found)
        except RunError as error:
            warnings.warn(str(error), stacklevel=4)
        return found

    def keep(self, question: Question[A], answer: A) -> None:
        """Keep an answer with the run.

        Raises:
            RunError: neither the run folder nor the user's cache can hold it, and why.
        """
        analyses.save(self.run.path, analyses.key(question, self.digest), stored(question, answer))


def compute(context: Context, question: Question[A], report: Progress = silent) -> A:
    """The answer to a question, found out by `compute` beside its class.

    Raises:
        LabbenchError: it cannot be answered, and why.
    """
    folder = type(question).__module__.rpartition(".")[0]
    found: A = import_module(f"{folder}.compute").compute(context, question, report)
    return found


def load(run: RunFolder) -> Context:
    """The run's net with its best weights.

    Raises:
        LabbenchError: there is no checkpoint yet, or something of it is damaged.
    """
    preset = run.preset()
    found = _weights(run)
    net = Net(preset.plan)
    set_weights(net, {name: torch.from_numpy(t) for name, t in found.tensors.items()}, run.id)
    net.eval().requires_grad_(False)
    return Context(run, net, preset.data.words, found.epoch, found.digest)


def _weights(run: RunFolder) -> weights.Weights:
    for _ in range(TRIES - 1):
        try:
            return weights.read(run.path)
        except RunError:
            if not (run.checkpoints_path / "best.json").exists():
                raise
    return weights.read(run.path)


def outputs(net: Net, clips_BT: Tensor, names: Collection[str]) -> tuple[Tensor, dict[str, Tensor]]:
    """The logits (B, K) of clips, and what the named layers give on the way."""
    found: dict[str, Tensor] = {}
    x = clips_BT.unsqueeze(1)
    for name, layer in net.named_children():
        x = layer(x)
        if name in names:
            found[name] = x
    return x, found


def before_activation(one: Stage) -> str:
    """The layer whose output goes into a convolution's activation."""
    return one.batch_norm.name if one.batch_norm else one.conv.name
