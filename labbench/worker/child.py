"""What a worker does: take the run up, train it, record it, and say how it ended."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from labbench.errors import (
    STOPPED_EXIT_CODE,
    BusyError,
    DiskFullError,
    LabbenchError,
    RunError,
    TrainingError,
    no_room,
)
from labbench.runs import RunFolder, events, leftovers, status
from labbench.runs.files import write_error
from labbench.runs.status import CLUSTER_SLOT
from labbench.worker.recorder import Recorder
from labbench.worker.signals import StopNow, StopSignals

LOCK_WAIT_S = 10.0
"""Whoever starts a worker holds the run's lock until it has written so: far shorter than this."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the starter tells a worker; a worker started by hand has none."""

    attempt: int | None = None
    """The attempt at the run that it is to make: of several workers with one number, one works."""
    slot: str = ""
    """The device whose slot it takes."""
    device: str = ""
    """The device to train on; "": as the preset says."""
    preset: str = ""
    """Mark of the preset to train (`tickets.mark`); "": any."""


Train = Callable[[RunFolder, Recorder, StopSignals, Orders], events.Ended]


def train(
    run: RunFolder, recorder: Recorder, stop_signals: StopSignals, orders: Orders
) -> events.Ended:
    """Train the run with torch, until it ends by itself or on request."""
    # torch is loaded only now: the run already says that it is being started.
    from labbench.worker.job import Job

    return Job(run, recorder, stop_signals.asked, device=orders.device, preset=orders.preset).run()


BY_HAND = Orders()


def work(run: RunFolder, orders: Orders = BY_HAND, train: Train = train) -> int:
    """Train a run to its end; returns the exit code of how it ended.

    Raises:
        BusyError: the run has a writer already, or the attempt was made by another worker.
        RunError: the run folder cannot be read or written.
    """
    stop_signals = StopSignals(run, patient=orders.slot.startswith(CLUSTER_SLOT))
    stop_signals.listen()
    with run.writing(wait_s=LOCK_WAIT_S if orders.attempt else 0.0):
        _refuse_a_second_time(run, orders)
        leftovers.sweep_run(run.path)
        with Recorder(run, orders.slot) as recorder:
            ended, code = _outcome(
                run, recorder, lambda: _trained(train, run, recorder, stop_signals, orders)
            )
            recorder.end(ended, code)
            _say(f"{ended.state}: {ended.message} {ended.hint}".rstrip())
            return code


def _trained(
    train: Train, run: RunFolder, recorder: Recorder, stop_signals: StopSignals, orders: Orders
) -> events.Ended:
    if recorder.full is not None:
        raise recorder.full
    return train(run, recorder, stop_signals, orders)


def _refuse_a_second_time(run: RunFolder, orders: Orders) -> None:
    """Leave a run that another worker took up, or somebody cancelled, since we were started."""
    now = _as_written(run)
    if orders.attempt is None or (
        now.attempt + 1 == orders.attempt and now.state in ("queued", "starting")
    ):
        return
    raise BusyError(
        f"attempt {orders.attempt} is not to be made any more: it is {now.state}.", where=run.id
    )


def _as_written(run: RunFolder) -> status.Status:
    try:
        return status.read(run.status_path)
    except (OSError, msgspec.MsgspecError) as error:
        raise RunError(f"cannot be read: {error}.", where=str(run.status_path)) from None


def _outcome(
    run: RunFolder, recorder: Recorder, train: Callable[[], events.Ended]
) -> tuple[events.Ended, int]:
    """Train, whatever happens to it."""
    try:
        ended = train()
        return ended, STOPPED_EXIT_CODE if ended.state == "stopped" else 0
    except StopNow:
        message = "stopped at once; steps since the last checkpoint are lost."
        return _ended(recorder, "stopped", message), STOPPED_EXIT_CODE
    except LabbenchError as error:
        failure = error
    except Exception as error:
        _say(traceback.format_exc())
        failure = explained(error, run)
    hint = failure.hint
    if isinstance(failure, DiskFullError):
        hint = "Free some space (`labbench runs rm`), then resume the run."
    where = f"{failure.where}: " if failure.where not in ("", run.id) else ""
    return _ended(recorder, "failed", where + failure.what, hint), failure.exit_code


def _say(text: str) -> None:
    """A line in the console; on a full disk the run must still be able to say that it ended."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def _ended(recorder: Recorder, state: events.End, message: str, hint: str = "") -> events.Ended:
    now = recorder.status
    return events.Ended(
        time=time.time(), state=state, epoch=now.epoch, step=now.step,
        message=message, hint=hint,
    )  # fmt: skip


def explained(error: Exception, run: RunFolder) -> LabbenchError:
    """A failure of torch or of the system in plain words, with the way out."""
    import torch

    text = str(error).strip().split("\n")[0] or type(error).__name__
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in text:
        batch = run.preset().training.batch
        return TrainingError(
            f"out of memory: {text}.", where=run.id,
            hint=f"Try a smaller batch: --set training.batch={max(1, batch // 2)} (it is {batch}).",
        )  # fmt: skip
    if isinstance(error, OSError):
        if no_room(error):
            return write_error(run.path, error)
        return RunError(f"{type(error).__name__}: {error}.", where=run.id)
    return TrainingError(
        f"{type(error).__name__}: {text}", where=run.id, hint=f"See {run.console_path}."
    )
