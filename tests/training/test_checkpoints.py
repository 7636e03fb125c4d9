from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from labbench.errors import RunError
from labbench.training import checkpoints as module
from labbench.training.checkpoints import Checkpoints
from labbench.training.progress import Best, Progress


def progress(step: int, best: int | None = None) -> Progress:
    found = Best(epoch=1, step=best, val_accuracy=0.5, val_loss=1.0) if best else None
    return Progress(epoch=1, step=step, best=found, since_best=0)


def tensors(value: float) -> dict[str, torch.Tensor]:
    return {"net.a.weight": torch.full((2, 3), value), "net.n": torch.tensor(7)}


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    folder = Checkpoints(tmp_path)
    folder.save_best({"a.weight": torch.ones(2)}, progress(4, best=4).best)  # type: ignore[arg-type]
    folder.save_last(tensors(1.5), progress(4, best=4), events_bytes=123)
    loaded = folder.load_last()
    assert loaded is not None
    assert loaded.about.progress == progress(4, best=4)
    assert loaded.about.events_bytes == 123
    assert torch.equal(loaded.tensors["net.a.weight"], torch.full((2, 3), 1.5))
    assert loaded.net.keys() == {"a.weight", "n"}
    assert loaded.best is not None
    assert torch.equal(loaded.best["a.weight"], torch.ones(2))
    about, best = folder.load_best()
    assert about.best.step == 4
    assert torch.equal(best["a.weight"], torch.ones(2))


def test_nothing_saved_is_nothing_to_resume(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path).load_last() is None
    with pytest.raises(RunError, match="no checkpoint yet"):
        Checkpoints(tmp_path).load_best()


@pytest.mark.parametrize("name", ["last.json", "best.json", "best-00000004.safetensors"])
def test_a_pipe_is_damage_and_keeps_nobody_waiting(tmp_path: Path, name: str) -> None:
    folder = Checkpoints(tmp_path)
    folder.save_best({"a.weight": torch.ones(2)}, progress(4, best=4).best)  # type: ignore[arg-type]
    folder.save_last(tensors(1.5), progress(4, best=4), events_bytes=123)
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    with pytest.raises(RunError, match="No plain file"):
        folder.load_last() if name == "last.json" else folder.load_best()


def test_older_files_go(tmp_path: Path) -> None:
    folder = Checkpoints(tmp_path)
    for step in (1, 2, 3):
        folder.save_best(tensors(step), progress(step, best=step).best)  # type: ignore[arg-type]
        folder.save_last(tensors(step), progress(step, best=step), 0)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "best-00000003.safetensors",
        "best.json",
        "last-00000003.safetensors",
        "last.json",
    ]


@pytest.mark.parametrize("dies_at", range(6))
def test_a_kill_between_any_two_writes_leaves_a_whole_checkpoint(
    tmp_path: Path, dies_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writes of best and last, cut short after `dies_at` of them."""
    folder = Checkpoints(tmp_path)
    folder.save_best(tensors(1), progress(1, best=1).best)  # type: ignore[arg-type]
    folder.save_last(tensors(1), progress(1, best=1), 10)
    done = 0

    def counted(function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal done
            if done == dies_at:
                raise KeyboardInterrupt
            done += 1
            return function(*args, **kwargs)

        return call

    monkeypatch.setattr(module, "write_atomic", counted(module.write_atomic))
    monkeypatch.setattr(Checkpoints, "_drop_others", counted(Checkpoints._drop_others))
    try:
        folder.save_best(tensors(2), progress(2, best=2).best)  # type: ignore[arg-type]
        folder.save_last(tensors(2), progress(2, best=2), 20)
    except KeyboardInterrupt:
        assert dies_at < 5
    monkeypatch.undo()
    loaded = folder.load_last()
    assert loaded is not None
    step = loaded.about.progress.step
    assert (step, loaded.about.events_bytes) in ((1, 10), (2, 20))
    assert loaded.best is not None
    assert float(loaded.tensors["net.a.weight"][0, 0]) == step
    assert float(loaded.best["net.a.weight"][0, 0]) == step
    folder.restore_best_pointer(loaded.about)
    assert folder.load_best()[0].best.step == step


def test_a_full_disk_is_said_and_keeps_the_last_good_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Checkpoints(tmp_path)
    folder.save_last(tensors(1), progress(1), 10)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="disk is full"):
        folder.save_last(tensors(2), progress(2), 20)
    monkeypatch.undo()
    loaded = folder.load_last()
    assert loaded is not None
    assert loaded.about.progress.step == 1
    assert not list(tmp_path.glob("*.tmp"))
    assert not list(tmp_path.glob(".*.tmp"))


def test_damaged_files_are_named(tmp_path: Path) -> None:
    folder = Checkpoints(tmp_path)
    folder.save_last(tensors(1), progress(1), 10)
    (tmp_path / "last-00000001.safetensors").write_bytes(b"torn")
    with pytest.raises(RunError, match="last-00000001"):
        folder.load_last()
    (tmp_path / "last.json").write_text("{")
    with pytest.raises(RunError, match=r"last\.json"):
        folder.load_last()


def test_checkpoints_are_plain_safetensors(tmp_path: Path) -> None:
    Checkpoints(tmp_path).save_last(tensors(1), progress(1), 10)
    read = safetensors.torch.load_file(tmp_path / "last-00000001.safetensors")
    assert read.keys() == {"net.a.weight", "net.n"}
