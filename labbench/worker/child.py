"""What a worker does: take the run up, train it, record it, and say how it ended."""

from __future__ import annotations

import contextlib
import errno
import sys
import time
import traceback

from labbench.errors import STOPPED_EXIT_CODE, LabbenchError, RunError, TrainingError
from labbench.runs import RunFolder, events
from labbench.runs.files import write_error
from labbench.worker.recorder import Recorder
from labbench.worker.signals import Ears, StopNow


def work(run: RunFolder) -> int:
    """Train a run to its end; returns the exit code of how it ended.

    Raises:
        BusyError: the run has a writer already.
        RunError: the run folder cannot be read or written.
    """
    ears = Ears(run)
    ears.listen()
    with run.writing(), Recorder(run) as recorder:
        ended, code = _outcome(run, recorder, ears)
        recorder.end(ended, code)
        _say(f"{ended.state}: {ended.message} {ended.hint}".rstrip())
        return code


def _outcome(run: RunFolder, recorder: Recorder, ears: Ears) -> tuple[events.Ended, int]:
    """Run the job, whatever happens to it."""
    try:
        # torch is loaded only now: the run already says that it is being started.
        from labbench.worker.job import Job

        ended = Job(run, recorder, ears.asked).run()
        return ended, STOPPED_EXIT_CODE if ended.state == "stopped" else 0
    except StopNow:
        message = "stopped at once; steps since the last checkpoint are lost."
        return _ended(recorder, "stopped", message), STOPPED_EXIT_CODE
    except LabbenchError as error:
        failure = error
    except Exception as error:
        _say(traceback.format_exc())
        failure = explained(error, run)
    where = f"{failure.where}: " if failure.where not in ("", run.id) else ""
    return _ended(recorder, "failed", where + failure.what, failure.hint), failure.exit_code


def _say(text: str) -> None:
    """A line in the console; on a full disk the run must still be able to say that it ended."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


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
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return write_error(run.path, error)
        return RunError(f"{type(error).__name__}: {error}.", where=run.id)
    return TrainingError(
        f"{type(error).__name__}: {text}", where=run.id, hint=f"See {run.console_path}."
    )
