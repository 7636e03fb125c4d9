"""Weights of a checkpoint into the net they are for."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from labbench.errors import RunError


def set_weights(net: nn.Module, tensors: Mapping[str, Tensor], where: str) -> None:
    """Give a net all of its weights and statistics.

    Args:
        where: the run or file they are from.

    Raises:
        RunError: they are those of another net.
    """
    try:
        net.load_state_dict(tensors)
    except RuntimeError as error:
        # The first line only says that there are errors; each of the others is one.
        first = (*str(error).splitlines()[1:2], str(error))[0].strip().rstrip(".")
        raise RunError(
            f"the checkpoint does not fit the preset: {first}.", where=where,
            hint="Was preset.toml changed after the start?",
        ) from None  # fmt: skip
