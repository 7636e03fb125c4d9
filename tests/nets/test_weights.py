"""Weights that are those of the net, and those that are not."""

from __future__ import annotations

import pytest
import torch

from labbench.errors import RunError
from labbench.nets.weights import set_weights


def test_weights_are_put_into_the_net() -> None:
    net, other = torch.nn.Linear(2, 3), torch.nn.Linear(2, 3)
    set_weights(net, other.state_dict(), "0001-x")
    torch.testing.assert_close(net.weight, other.weight)


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (torch.nn.Linear(2, 4), "size mismatch for"),
        (torch.nn.Conv1d(1, 1, 3, bias=False), "Missing key"),
        (torch.nn.BatchNorm1d(3), "size mismatch for|Unexpected key"),
    ],
    ids=["sizes", "missing", "more"],
)
def test_weights_of_another_net(other: torch.nn.Module, what: str) -> None:
    with pytest.raises(
        RunError, match=rf"^0001-x: the checkpoint does not fit the preset: .*{what}"
    ) as error:
        set_weights(torch.nn.Linear(2, 3), other.state_dict(), "0001-x")
    assert "\n" not in str(error.value)
