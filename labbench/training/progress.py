"""Where a run stands between two steps: with the weights, all that a resumed run needs."""

from __future__ import annotations

import math

import msgspec

from labbench.presets import Schedule


class Best(msgspec.Struct, frozen=True, kw_only=True):
    """The best epoch on validation so far."""

    epoch: int
    step: int
    val_accuracy: float
    val_loss: float

    def beaten_by(self, accuracy: float, loss: float) -> bool:
        """Whether an epoch is better: more clips right, or as many at a lower loss."""
        return (accuracy, -loss) > (self.val_accuracy, -self.val_loss)


class Plateau(msgspec.Struct, frozen=True, kw_only=True):
    """State of the plateau schedule."""

    scale: float = 1.0
    best_loss: float | None = None
    epochs_without_gain: int = 0

    def after(self, val_loss: float, how: Schedule) -> Plateau:
        """The state after an epoch with this validation loss."""
        if self.best_loss is None or val_loss < self.best_loss:
            return Plateau(scale=self.scale, best_loss=val_loss)
        waited = self.epochs_without_gain + 1
        if waited < how.patience:
            return msgspec.structs.replace(self, epochs_without_gain=waited)
        return Plateau(scale=self.scale * how.factor, best_loss=self.best_loss)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Counts up to now. Sums are over the steps of the epoch under way."""

    epoch: int = 0
    """Complete epochs."""
    step: int = 0
    """Optimiser steps since the run began."""
    step_in_epoch: int = 0
    loss_sum: float = 0.0
    """Sum of batch loss x clips."""
    correct: int = 0
    seen: int = 0
    elapsed_s: float = 0.0
    epoch_s: float = 0.0
    best: Best | None = None
    since_best: int = 0
    """Complete epochs since the best one."""
    plateau: Plateau = Plateau()

    def after_step(self, loss: float, correct: int, clips: int, seconds: float) -> Progress:
        """The counts after one more step."""
        return msgspec.structs.replace(
            self, step=self.step + 1, step_in_epoch=self.step_in_epoch + 1,
            loss_sum=self.loss_sum + loss * clips, correct=self.correct + correct,
            seen=self.seen + clips, elapsed_s=self.elapsed_s + seconds,
            epoch_s=self.epoch_s + seconds,
        )  # fmt: skip

    def after_epoch(self, accuracy: float, loss: float, seconds: float, how: Schedule) -> Progress:
        """The counts after the epoch under way was validated in `seconds`."""
        better = self.best is None or self.best.beaten_by(accuracy, loss)
        best = (
            Best(epoch=self.epoch + 1, step=self.step, val_accuracy=accuracy, val_loss=loss)
            if better
            else self.best
        )
        return Progress(
            epoch=self.epoch + 1, step=self.step, elapsed_s=self.elapsed_s + seconds,
            best=best, since_best=0 if better else self.since_best + 1,
            plateau=self.plateau.after(loss, how),
        )  # fmt: skip

    @property
    def train_loss(self) -> float:
        """Mean loss of the epoch under way."""
        return self.loss_sum / self.seen if self.seen else math.nan

    @property
    def train_accuracy(self) -> float:
        """Share of the epoch's clips that were right when they were trained on."""
        return self.correct / self.seen if self.seen else math.nan
