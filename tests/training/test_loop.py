from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from labbench import nets
from labbench.architecture import Model, plan
from labbench.errors import TrainingError
from labbench.presets import Preset, from_tree
from labbench.runs import events
from labbench.training.batches import ClipStore
from labbench.training.checkpoints import LastFile, Loaded
from labbench.training.loop import Evaluation, Loop, Snapshot, saved_state
from tests.training.plain_engine import PlainEngine

LENGTH = 243
MODEL = Model(convs=3, channels=4, dropout=0.3, batch_norm=True)
CPU = torch.device("cpu")


def store(count: int, seed: int) -> ClipStore:
    """Tones of three pitches in noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    time = np.arange(LENGTH) / LENGTH
    tones = np.sin(2 * np.pi * (labels[:, None] * 12 + 8) * time + rng.uniform(0, 6, (count, 1)))
    clips = (8000 * tones + rng.normal(0, 2000, tones.shape)).astype(np.int16)
    return ClipStore(clips, np.arange(count), labels, CPU)


def loop_of(
    tree: dict[str, Any] | None = None,
    asked: Iterator[Any] | None = None,
    blow_up_at: int | None = None,
) -> Loop:
    training = {"epochs": 3, "batch": 8, "patience": 0, "checkpoint_every_s": 0.0}
    tree = dict(tree or {})
    tree["training"] = {**training, **tree.get("training", {})}
    preset: Preset = from_tree({"name": "test", **tree}, "test")
    net = nets.build(plan(MODEL, 3, length=LENGTH), seed=preset.training.seed)
    splits = {"train": store(30, 0), "validation": store(12, 1), "test": store(12, 2)}
    answers = asked or iter(())
    engine: Any = PlainEngine(net, blow_up_at)
    return Loop(preset, net, engine, splits, lambda: next(answers, None))


def copied(snapshot: Snapshot, loop: Loop) -> Loaded:
    """A snapshot as it comes back from disk."""
    tensors = {name: tensor.clone() for name, tensor in snapshot.tensors.items()}
    about = LastFile(file="", progress=snapshot.progress, events_bytes=0, best_file="x")
    best = {k: t.clone() for k, t in loop._best.items()} if loop._best else None
    return Loaded(about=about, tensors=tensors, best=best)


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def without_times(item: Any) -> Any:
    timed = ("time", "elapsed_s", "duration_s", "clips_per_s", "memory_bytes")
    return [getattr(item, f) for f in item.__struct_fields__ if f not in timed]


def told(items: list[Any]) -> list[Any]:
    return [
        without_times(i) for i in items if isinstance(i, events.Step | events.Epoch | events.Ended)
    ]


def test_a_run_tells_every_step_and_epoch_and_judges_the_best() -> None:
    loop = loop_of()
    items = list(loop.run())
    steps = [item for item in items if isinstance(item, events.Step)]
    epochs = [item for item in items if isinstance(item, events.Epoch)]
    assert [step.step for step in steps] == list(range(1, 13))
    assert [epoch.epoch for epoch in epochs] == [1, 2, 3]
    for epoch in epochs:
        mine = [step for step in steps if step.epoch == epoch.epoch - 1]
        sizes = [8, 8, 8, 6]
        mean = sum(step.loss * n for step, n in zip(mine, sizes, strict=True)) / 30
        assert epoch.train_loss == pytest.approx(mean)
        right = sum(step.accuracy * n for step, n in zip(mine, sizes, strict=True)) / 30
        assert epoch.train_accuracy == pytest.approx(right)
    evaluations = [item for item in items if isinstance(item, Evaluation)]
    assert [(j.split, j.logits_NK.shape) for j in evaluations[-2:]] == [
        ("validation", (12, 3)), ("test", (12, 3)),
    ]  # fmt: skip
    best = max(epochs, key=lambda e: (e.val_accuracy, -e.val_loss))
    assert evaluations[-1].epoch == best.epoch
    validation = next(i for i in items if isinstance(i, events.Evaluated))
    assert validation.accuracy == pytest.approx(best.val_accuracy)
    assert validation.loss == pytest.approx(best.val_loss)
    assert isinstance(items[-1], events.Ended)
    assert items[-1].state == "finished"


def test_predictions_and_snapshots_come_before_the_epoch_event_that_names_them() -> None:
    items = list(loop_of({"training": {"epochs": 1}}).run())
    kinds = [
        type(i).__name__ + getattr(i, "kind", "") for i in items if not isinstance(i, events.Step)
    ]
    assert kinds[:4] == ["Evaluation", "Snapshotbest", "Epoch", "Snapshotlast"]


@pytest.fixture(scope="module")
def whole() -> tuple[Loop, list[Any]]:
    """A loop that nobody stopped, and what it told."""
    loop = loop_of()
    return loop, list(loop.run())


@pytest.mark.parametrize("stop_after", range(1, 13))
def test_stopped_after_any_step_and_resumed_it_gives_the_same_bits(
    stop_after: int, whole: tuple[Loop, list[Any]]
) -> None:
    unbroken, expected = whole
    asked = iter([None] * (stop_after - 1) + ["stop"])
    first = loop_of(asked=asked)
    items: list[Any] = []
    loaded = None
    for item in first.run():
        items.append(item)
        if isinstance(item, Snapshot) and item.kind == "last":
            loaded = copied(item, first)
    assert isinstance(items[-1], events.Ended)
    assert items[-1].state == "stopped"
    assert loaded is not None
    assert loaded.about.progress.step == stop_after
    second = loop_of()
    second.resume(loaded)
    items += list(second.run())
    assert same(
        saved_state(second.net, second.optimizer), saved_state(unbroken.net, unbroken.optimizer)
    )
    stopped = [entry for entry in told(items) if "stopped" not in entry]
    assert stopped == told(expected)
    np.testing.assert_array_equal(
        [i for i in items if isinstance(i, Evaluation)][-1].logits_NK,
        [i for i in expected if isinstance(i, Evaluation)][-1].logits_NK,
    )


def test_the_seed_decides() -> None:
    one, two, other = (loop_of({"training": {"seed": seed}}) for seed in (1, 1, 2))
    for loop in (one, two, other):
        list(loop.run())
    assert same(one.net.state_dict(), two.net.state_dict())
    assert not same(one.net.state_dict(), other.net.state_dict())


def test_a_loss_that_is_no_number_fails_with_a_way_out_and_is_never_saved() -> None:
    loop = loop_of(blow_up_at=6)
    items: list[Any] = []
    with pytest.raises(TrainingError, match="nan at step 6") as failure:  # noqa: PT012
        for item in loop.run():
            items.append(item)
    assert "learning_rate" in failure.value.hint
    snapshots = [i for i in items if isinstance(i, Snapshot) and i.kind == "last"]
    assert [snapshot.progress.step for snapshot in snapshots] == [4]
    assert all(math.isfinite(i.loss) for i in items if isinstance(i, events.Step))


def test_it_stops_early_without_gain() -> None:
    tree = {
        "training": {"epochs": 50, "patience": 2},
        "optimizer": {"learning_rate": 1e-12},
    }
    loop = loop_of(tree)
    epochs = [item for item in loop.run() if isinstance(item, events.Epoch)]
    best = max(i for i, epoch in enumerate(epochs) if epoch.best)
    assert len(epochs) == best + 3
    assert len(epochs) < 50


def test_a_checkpoint_is_given_on_request() -> None:
    loop = loop_of({"training": {"epochs": 1}}, asked=iter([None, "checkpoint"]))
    steps = [i.progress.step for i in loop.run() if isinstance(i, Snapshot) and i.kind == "last"]
    assert steps == [2, 4]


def test_checkpoints_come_by_the_clock_too(monkeypatch: pytest.MonkeyPatch) -> None:
    import labbench.training.loop as module

    now = iter(range(0, 10_000, 7))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(now)))
    loop = loop_of({"training": {"epochs": 1, "checkpoint_every_s": 10.0}})
    steps = [i.progress.step for i in loop.run() if isinstance(i, Snapshot) and i.kind == "last"]
    assert len(steps) > 1
    assert steps[-1] == 4


def test_clipped_gradients_bound_the_first_sgd_step() -> None:
    tree = {
        "optimizer": {"name": "sgd", "learning_rate": 1.0, "clip_norm": 0.01},
        "training": {"epochs": 1, "batch": 30},
    }
    loop = loop_of(tree)
    before = [p.detach().clone() for p in loop.net.parameters()]
    run = loop.run()
    next(item for item in run if isinstance(item, events.Step))
    moved = sum(
        ((p.detach() - b) ** 2).sum() for p, b in zip(loop.net.parameters(), before, strict=True)
    )
    assert math.sqrt(float(moved)) == pytest.approx(0.01, rel=1e-3)
