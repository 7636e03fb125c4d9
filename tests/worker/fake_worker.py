"""A worker without torch: the real one's lock, orders, signals, recorder and end; no training.

It makes one step a `STEP_S` seconds and heeds requests. `epochs` of its preset are its steps.
"""

from __future__ import annotations

import sys
import time

from labbench.runs import RunFolder, control, events
from labbench.runs.launch import Launch
from labbench.scheduler.placing import Place
from labbench.scheduler.spawn import worker_command
from labbench.worker.__main__ import main
from labbench.worker.child import Orders
from labbench.worker.recorder import Recorder
from labbench.worker.signals import StopSignals

STEP_S = 0.1


def fake_worker_command(run: RunFolder, attempt: int, place: Place, with_: Launch) -> list[str]:
    """The command line of this worker in place of the real one's."""
    real = worker_command(run, attempt, place, with_)
    return ["tests.worker.fake_worker" if word == "labbench.worker" else word for word in real]


def train(run: RunFolder, recorder: Recorder, ears: StopSignals, orders: Orders) -> events.Ended:
    """Pretend to train."""
    training = run.preset(orders.preset).training
    first = run.status().step
    recorder.event(
        events.Started(
            time=time.time(), attempt=recorder.status.attempt, epoch=0, step=first,
            device=orders.device or "cpu", precision="fp32", threads=1,
        )
    )  # fmt: skip
    step = first
    while step < training.epochs:
        asked = ears.asked()
        if asked == "stop":
            return events.Ended(time=time.time(), state="stopped", epoch=0, step=step)
        if asked == "checkpoint":
            control.done(run.control_path, "checkpoint")
        time.sleep(STEP_S)
        step += 1
        recorder.event(
            events.Step(
                step=step, epoch=1, elapsed_s=step * STEP_S, loss=1.0, accuracy=0.5,
                learning_rate=0.1, clips_per_s=1.0, memory_bytes=0,
            )
        )  # fmt: skip
        recorder.update()
    return events.Ended(time=time.time(), state="finished", epoch=1, step=step)


if __name__ == "__main__":
    sys.exit(main(train=train))
