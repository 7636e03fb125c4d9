"""Failures of torch and of the system, in words with the way out."""

from __future__ import annotations

import errno

import pytest
import torch

from labbench.errors import RunError, TrainingError
from labbench.runs import create
from labbench.worker.child import explained
from tests import tiny


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 61.00 GiB."),
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 GB"),
    ],
)
def test_out_of_memory_names_the_batch_and_a_smaller_one(error: Exception) -> None:
    run = create(tiny.preset(batch=64))
    told = explained(error, run)
    assert isinstance(told, TrainingError)
    assert "out of memory" in told.what
    assert "--set training.batch=32 (it is 64)" in told.hint


def test_a_real_allocation_that_cannot_be_met() -> None:
    run = create(tiny.preset())
    with pytest.raises(RuntimeError) as failure:
        torch.empty(1 << 55)
    assert "out of memory" in explained(failure.value, run).what


def test_a_full_disk_and_other_trouble() -> None:
    run = create(tiny.preset())
    full = explained(OSError(errno.ENOSPC, "No space left on device"), run)
    assert isinstance(full, RunError)
    assert "disk is full" in full.what
    assert isinstance(explained(PermissionError(errno.EACCES, "denied"), run), RunError)
    other = explained(ValueError("what"), run)
    assert other.what == "ValueError: what"
    assert "console.log" in other.hint
