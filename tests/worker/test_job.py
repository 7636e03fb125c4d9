"""The device a worker trains on, between what it was given and what its preset says."""

from __future__ import annotations

import pytest
import torch

from labbench.errors import DeviceError
from labbench.worker.job import given_device


def test_it_trains_where_it_was_given_a_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda index: (10 - index, 10))
    assert given_device("cuda:1", "auto") == torch.device("cuda:1")
    assert given_device("cuda:0", "cuda:1") == torch.device("cuda:0"), "as torch counts here"
    assert given_device("", "auto") == torch.device("cuda:0")


def test_a_gpu_that_torch_cannot_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert given_device("cuda:0", "auto") == torch.device("cpu")
    with pytest.raises(DeviceError, match="cuda:1 is not here"):
        given_device("cuda:0", "cuda:1")
