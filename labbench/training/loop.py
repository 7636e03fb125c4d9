"""The training loop: a generator that yields what happened and what to keep, and does no I/O.

Between two items the caller may save, log, or ask it to stop. The order of items matters:
predictions and snapshots come before the event that names them.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from labbench.errors import TrainingError
from labbench.nets import Net
from labbench.nets.weights import set_weights
from labbench.presets import Preset
from labbench.runs import events
from labbench.runs.control import Request
from labbench.training import batches, optimizing
from labbench.training.batches import ClipStore
from labbench.training.checkpoints import Loaded, Tensors, part
from labbench.training.device import memory_bytes
from labbench.training.engine import Engine
from labbench.training.progress import Progress
from labbench.training.randomness import generator

FLUSH_S = 0.25
"""Steps are reported in groups of so many seconds: reading a loss back makes a GPU wait."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A checkpoint to keep. Its tensors change with the next step: save before going on."""

    kind: str
    """last or best."""
    tensors: Tensors
    progress: Progress


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Logits (N, K) of a whole split at one epoch."""

    split: str
    epoch: int
    logits_NK: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Pending:
    """A step whose loss was not read back from the device yet."""

    loss: Tensor
    correct: Tensor
    clips: int
    rate: float
    finished: float


Item = events.AnyEvent | Snapshot | Evaluation


class Loop:
    """One run's training, from the start or from a checkpoint.

    Args:
        splits: the clips of train, validation and test.
        asked: looked at between two steps: what the user wants now.
    """

    def __init__(
        self,
        preset: Preset,
        net: Net,
        engine: Engine,
        splits: dict[str, ClipStore],
        asked: Callable[[], Request | None],
    ) -> None:
        self.preset = preset
        self.net = net
        self.engine = engine
        self.splits = splits
        self.asked = asked
        self.optimizer = optimizing.make_optimizer(net, preset.optimizer)
        self.progress = Progress()
        self.steps_per_epoch = math.ceil(len(splits["train"]) / preset.training.batch)
        self._best: Tensors | None = None
        self._pending: list[_Pending] = []
        self._clock = 0.0
        self._saved = 0.0

    def resume(self, loaded: Loaded) -> None:
        """Continue from a checkpoint: the same numbers as if never stopped."""
        restore(self.net, self.optimizer, loaded.tensors)
        self.progress = loaded.about.progress
        self._best = loaded.best

    def run(self) -> Iterator[Item]:
        """Train to the end, then judge the best epoch on validation and test.

        Raises:
            TrainingError: the loss is no longer finite.
        """
        training = self.preset.training
        self._clock = self._saved = time.monotonic()
        while self.progress.epoch < training.epochs and not self._out_of_patience():
            stopped = yield from self._epoch()
            if stopped:
                return
        yield from self._final()

    def _out_of_patience(self) -> bool:
        patience = self.preset.training.patience
        return 0 < patience <= self.progress.since_best

    def _epoch(self) -> Generator[Item, None, bool]:
        """The rest of the epoch under way; returns whether the run was asked to stop."""
        training = self.preset.training
        store = self.splits["train"]
        order_N = batches.epoch_order(len(store), training.seed, self.progress.epoch)
        first = self.progress.step_in_epoch
        for index in range(first, self.steps_per_epoch):
            self._step(order_N[index * training.batch : (index + 1) * training.batch])
            request = self.asked()
            now = time.monotonic()
            if request or now - self._pending[0].finished > FLUSH_S:
                yield from self._flush()
            if request == "stop":
                yield self.snapshot()
                yield self._ended("stopped", "stopped on request.")
                return True
            saving = training.checkpoint_every_s
            if request == "checkpoint" or (saving and now - self._saved > saving):
                yield from self._flush()
                yield self.snapshot()
        yield from self._flush()
        yield from self._validate()
        return False

    def _step(self, index_B: Tensor) -> None:
        seed, step = self.preset.training.seed, self.progress.step + len(self._pending)
        rate = optimizing.learning_rate(
            self.preset.optimizer.learning_rate, self.preset.schedule, step=step,
            steps_per_epoch=self.steps_per_epoch, epochs=self.preset.training.epochs,
            plateau=self.progress.plateau.scale,
        )  # fmt: skip
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        clips_BT, labels_B = self.splits["train"].take(index_B)
        clips_BT = batches.augmented(clips_BT, self.preset.augmentation, seed, step)
        draw = generator(seed, "dropout", step, clips_BT.device)
        loss, correct = self.engine.train_step(clips_BT, labels_B, generator=draw)
        if norm := self.preset.optimizer.clip_norm:
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), norm)
        optimizing.take_step(self.optimizer)
        self._pending.append(_Pending(loss, correct, len(index_B), rate, time.monotonic()))

    def _flush(self) -> Iterator[Item]:
        """Read back the losses of the steps since the last flush and report them."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        values = torch.stack([torch.stack((p.loss.float(), p.correct.float())) for p in pending])
        now = time.monotonic()
        seconds = (now - self._clock) / len(pending)
        self._clock = now
        memory = memory_bytes(values.device)
        for step, (loss, correct) in zip(pending, values.tolist(), strict=True):
            self.progress = self.progress.after_step(loss, int(correct), step.clips, seconds)
            if not math.isfinite(loss):
                raise self._not_finite(loss)
            yield events.Step(
                step=self.progress.step, epoch=self.progress.epoch,
                elapsed_s=round(self.progress.elapsed_s, 4), loss=loss,
                accuracy=correct / step.clips, learning_rate=step.rate,
                clips_per_s=round(step.clips / max(seconds, 1e-9), 2), memory_bytes=memory,
            )  # fmt: skip

    def _not_finite(self, loss: float) -> TrainingError:
        return TrainingError(
            f"the loss became {loss} at step {self.progress.step} "
            f"(epoch {self.progress.epoch + 1}).",
            where=self.preset.name,
            hint="Try a lower optimizer.learning_rate, or optimizer.clip_norm=1.",
        )

    def _validate(self) -> Iterator[Item]:
        before = self.progress
        logits_NK, loss, accuracy = self._judge("validation")
        if not math.isfinite(loss):
            raise self._not_finite(loss)
        now = time.monotonic()
        self.progress = before.after_epoch(accuracy, loss, now - self._clock, self.preset.schedule)
        seconds, self._clock = before.epoch_s + now - self._clock, now
        best = self.progress.since_best == 0
        yield Evaluation("validation", self.progress.epoch, logits_NK)
        if best:
            self._best = {name: t.detach().clone() for name, t in self.net.state_dict().items()}
            yield Snapshot("best", self._best, self.progress)
        yield events.Epoch(
            epoch=self.progress.epoch, step=self.progress.step,
            elapsed_s=round(self.progress.elapsed_s, 3), duration_s=round(seconds, 3),
            train_loss=before.train_loss, train_accuracy=before.train_accuracy,
            val_loss=loss, val_accuracy=accuracy,
            learning_rate=self.optimizer.param_groups[0]["lr"],
            clips_per_s=round(before.seen / max(before.epoch_s, 1e-9), 2),
            memory_bytes=memory_bytes(self.splits["train"].device), best=best,
        )  # fmt: skip
        yield self.snapshot()

    def _final(self) -> Iterator[Item]:
        """Judge the best epoch on validation and test."""
        best = self.progress.best
        assert best is not None
        assert self._best is not None
        self.net.load_state_dict(self._best)
        splits: tuple[events.Split, ...] = ("validation", "test")
        for split in splits:
            logits_NK, loss, accuracy = self._judge(split)
            yield Evaluation(split, best.epoch, logits_NK)
            yield events.Evaluated(
                split=split, epoch=best.epoch, clips=len(logits_NK), loss=loss, accuracy=accuracy,
            )  # fmt: skip
        why = "no gain on validation for" if self._out_of_patience() else "ran all"
        count = self.progress.since_best if self._out_of_patience() else self.progress.epoch
        yield self._ended("finished", f"{why} {count} epochs.")

    def _judge(self, split: str) -> tuple[NDArray[np.float32], float, float]:
        """Logits (N, K), mean loss and accuracy of a split, in inference mode."""
        store = self.splits[split]
        logits_NK = torch.cat(
            [self.engine.logits(clips_BT).float() for clips_BT, _ in store.in_order(256)]
        )
        labels_N = store.labels_N
        loss = torch.nn.functional.cross_entropy(logits_NK.double(), labels_N)
        accuracy = (logits_NK.argmax(1) == labels_N).double().mean()
        return logits_NK.cpu().numpy(), float(loss), float(accuracy)

    def snapshot(self) -> Snapshot:
        """Everything a resumed run needs, as of the last step that was reported."""
        self._saved = time.monotonic()
        return Snapshot("last", saved_state(self.net, self.optimizer), self.progress)

    def _ended(self, state: events.End, message: str) -> events.Ended:
        return events.Ended(
            time=time.time(), state=state, epoch=self.progress.epoch, step=self.progress.step,
            message=message,
        )  # fmt: skip


def saved_state(net: Net, optimizer: torch.optim.Optimizer) -> Tensors:
    """Weights, buffers and optimiser state by name: `net.conv1.weight`, `optimizer.0.exp_avg`."""
    tensors: Tensors = {f"net.{name}": value for name, value in net.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        for key, value in state.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer.{index}.{key}"] = value
    return tensors


def restore(net: Net, optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    """Put saved state back into a net and its optimiser.

    Raises:
        RunError: it is that of another net.
    """
    set_weights(net, part(tensors, "net."), "checkpoints")
    state: dict[int, Tensors] = {}
    for name, value in part(tensors, "optimizer.").items():
        index, key = name.split(".")
        state.setdefault(int(index), {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
