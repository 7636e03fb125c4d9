"""Which of a run's predictions a view shows, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass

from labbench.errors import RunError
from labbench.evaluation import Report, evaluate
from labbench.runs import Predictions, RunFolder, Status
from labbench.runs.status import LIVE


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A run's results on one split."""

    run_id: str
    preset: str
    split: str
    epoch: int
    caption: str
    """What they are: `test, best epoch 12`, or `validation, epoch 12, still training`."""
    synthetic: bool
    """Whether the clips are synthetic speech."""
    published: float | None
    report: Report


def evaluation_of(run: RunFolder, split: str | None = None) -> Evaluation:
    """The run's results on a split: by default test once it is finished, validation before.

    Raises:
        RunError: there are none, or none yet.
    """
    status = run.status()
    return evaluate_predictions(run, status, chosen_predictions(run, status, split))


def evaluate_predictions(run: RunFolder, status: Status, chosen: Predictions) -> Evaluation:
    """What some predictions of a run say of it.

    Raises:
        RunError: no clip has an answer.
    """
    return Evaluation(
        run_id=run.id,
        preset=status.preset,
        split=chosen.split,
        epoch=chosen.epoch,
        caption=_caption(chosen, status),
        synthetic=status.synthetic,
        published=status.published,
        report=evaluate(chosen),
    )


def chosen_predictions(run: RunFolder, status: Status, split: str | None) -> Predictions:
    """The predictions a view shows: of the split, or by default of the one that tells most.

    Raises:
        RunError: there are none, or none yet.
    """
    order = [split] if split else ["test", "validation"]
    if split is None and status.state != "finished":
        order.reverse()
    for one in order:
        if run.predictions_path(one).exists():
            return run.predictions(one)
    kind = f"{split} results" if split else "results"
    raise RunError(
        f"there are no {kind} yet: it is {status.state}, {_progress(status)}.",
        where=run.id, hint=_hint(run, status, split),
    )  # fmt: skip


def _progress(status: Status) -> str:
    if status.epochs:
        return f"{status.epoch} of {status.epochs} epochs complete"
    return f"{status.epoch} epochs complete"


def _hint(run: RunFolder, status: Status, split: str | None) -> str:
    has_validation = run.predictions_path("validation").exists()
    if status.state in (*LIVE, "queued"):
        if split == "test":
            other = " Until then: --split validation." if has_validation else ""
            return f"The test clips are evaluated at the end of the run.{other}"
        return "The first come with the first complete epoch."
    if split == "test" and has_validation:
        return f"See --split validation, or resume it: labbench run --resume {run.number}"
    if status.state == "finished":
        return "Its predictions folder was emptied; the summary and curves are still there."
    return f"Resume it: labbench run --resume {run.number}"


def _caption(chosen: Predictions, status: Status) -> str:
    at_end = chosen.split == "test" or status.state == "finished"
    which = f"{chosen.split}, {'best epoch' if at_end else 'epoch'} {chosen.epoch}"
    if status.state in LIVE:
        return f"{which}, still training"
    return which if status.state == "finished" else f"{which}, run {status.state}"
