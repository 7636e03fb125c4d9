"""Events folded into a run's course."""

from __future__ import annotations

import tracemalloc

import msgspec
import numpy as np
import pytest

from labbench.runs.events import AnyEvent, Ended, Epoch, Evaluated, Note, Started, Step
from labbench.runs.history import STEP_FIELDS, Folder, fold


def started(attempt: int, step: int = 0) -> Started:
    return Started(
        time=float(attempt), attempt=attempt, epoch=0, step=step, device="cpu", precision="fp32",
        threads=2,
    )  # fmt: skip


def step(number: int) -> Step:
    return Step(
        step=number, epoch=number // 10, elapsed_s=number * 0.5, loss=3 - number / 10,
        accuracy=number / 100, learning_rate=1e-3, clips_per_s=50.0 + number,
        memory_bytes=2**53 - number,
    )  # fmt: skip


def epoch(number: int, accuracy: float, best: bool) -> Epoch:
    return Epoch(
        epoch=number, step=number * 10, elapsed_s=5.0, duration_s=5.0, train_loss=1.0,
        train_accuracy=0.5, val_loss=1.0, val_accuracy=accuracy, learning_rate=1e-3,
        clips_per_s=50.0, memory_bytes=0, best=best,
    )  # fmt: skip


def ended(state: str) -> Ended:
    return Ended(time=9.0, state=state, epoch=1, step=10)  # type: ignore[arg-type]


def evaluated(split: str, accuracy: float) -> Evaluated:
    return Evaluated(split=split, epoch=1, clips=10, loss=1.0, accuracy=accuracy)  # type: ignore[arg-type]


COURSE: list[AnyEvent] = [
    started(1), step(1), step(2), epoch(1, 0.5, True), Note(time=1.0, text="a"), ended("stopped"),
    started(2, step=2), step(3), epoch(2, 0.75, True), epoch(3, 0.7, False),
    evaluated("validation", 0.75), evaluated("test", 0.6), evaluated("test", 0.7),
    ended("finished"),
]  # fmt: skip


def test_an_empty_log() -> None:
    history = fold([])
    assert list(history.steps) == list(STEP_FIELDS)
    assert all(column.shape == (0,) for column in history.steps.values())
    assert (history.epochs, history.attempts, history.notes) == ((), (), ())
    assert history.ended is None
    assert history.best is None
    assert history.evaluations == {}


def test_a_whole_course() -> None:
    history = fold(COURSE)
    assert history.steps["step"].tolist() == [1, 2, 3]
    assert history.steps["loss"].tolist() == [2.9, 2.8, 2.7]
    assert history.steps["memory_bytes"].tolist() == [2**53 - n for n in (1, 2, 3)]
    assert [one.attempt for one in history.attempts] == [1, 2]
    assert [one.epoch for one in history.epochs] == [1, 2, 3]
    assert history.best == epoch(2, 0.75, True)
    assert history.evaluations == {
        "validation": evaluated("validation", 0.75), "test": evaluated("test", 0.7),
    }  # fmt: skip
    assert [note.text for note in history.notes] == ["a"]
    assert history.ended == ended("finished")


def test_every_field_of_a_step_has_its_column() -> None:
    assert set(STEP_FIELDS) == set(Step.__struct_fields__)
    history = fold([step(7)])
    for name in STEP_FIELDS:
        assert history.steps[name].tolist() == [getattr(step(7), name)], name
        assert history.steps[name].dtype == np.float64


def test_a_resumed_run_has_not_ended() -> None:
    assert fold([started(1), ended("failed")]).ended == ended("failed")
    assert fold([started(1), ended("failed"), started(2)]).ended is None


def test_one_by_one_is_the_same_as_all_at_once() -> None:
    folder, whole = Folder(), fold(COURSE)
    for event in COURSE:
        folder.add([event])
        view = folder.view()
    for name in STEP_FIELDS:
        assert view.steps[name].tolist() == whole.steps[name].tolist()
    assert (view.epochs, view.attempts, view.evaluations, view.notes, view.ended) == (
        whole.epochs, whole.attempts, whole.evaluations, whole.notes, whole.ended,
    )  # fmt: skip


def test_a_view_stays_as_it_was() -> None:
    folder = Folder()
    folder.add(COURSE[:3])
    before = folder.view()
    folder.add(COURSE[3:])
    after = folder.view()
    assert before.steps["step"].tolist() == [1, 2]
    assert before.epochs == ()
    assert before.evaluations == {}
    assert after.steps["step"].tolist() == [1, 2, 3]


def noisy(count: int) -> list[Step]:
    """Steps with noise, and three that stand out: a spike, a dip, a loss that is no number."""
    rng = np.random.default_rng(1)
    losses, accuracies = 2 + rng.exponential(0.3, count), rng.random(count)
    losses[count // 3], losses[count // 2], losses[count // 5] = 1e9, -3.0, np.nan
    return [
        msgspec.structs.replace(step(n), step=n, loss=float(loss), accuracy=float(accuracy))
        for n, (loss, accuracy) in enumerate(zip(losses, accuracies, strict=True), 1)
    ]


@pytest.mark.parametrize("count", [4096, 4097, 30_000, 70_001])
def test_a_long_course_to_draw_keeps_its_extremes_its_means_and_its_end(count: int) -> None:
    all_steps = noisy(count)
    whole, drawn = fold(all_steps), fold(all_steps, 4096)
    kept = drawn.steps["step"].astype(int) - 1
    assert len(kept) <= 4096 + 2048 + 1
    assert (np.diff(kept) >= 0).all()
    for name in STEP_FIELDS:
        assert np.array_equal(drawn.steps[name], whole.steps[name][kept], equal_nan=True), name
    assert kept[-1] == count - 1
    assert (drawn.stride == 1) == (count <= 4096 + 2047)
    # Any part of it that is wider than a group has the very extremes that it had.
    for name in ("loss", "accuracy"):
        for start in range(0, count - 1000, count // 7):
            group = 8 * drawn.stride
            first, last = -(-start // group) * group, (start + 1000) // group * group
            part = drawn.steps[name][(kept >= first) & (kept < last)]
            before = whole.steps[name][first:last]
            assert (np.nanmin(part), np.nanmax(part)) == (np.nanmin(before), np.nanmax(before))
    usual = np.abs(drawn.means["loss"]) < 100
    assert np.mean(drawn.means["loss"][usual]) == pytest.approx(2.3, abs=0.02)


def test_one_by_one_draws_the_same_as_all_at_once() -> None:
    all_steps, folder = noisy(9_000), Folder(4096)
    for start in range(0, 9_000, 700):
        folder.add(all_steps[start : start + 700])
        folder.view()
    whole = fold(all_steps, 4096)
    for name in STEP_FIELDS:
        assert np.array_equal(folder.view().steps[name], whole.steps[name], equal_nan=True)


def test_a_course_of_any_length_takes_as_much_memory() -> None:
    one = step(1)
    tracemalloc.start()
    try:
        fold((one for _ in range(100_000)), 4096)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * 4096 * 10 * 8, "100,000 steps take 6.4 MB"
