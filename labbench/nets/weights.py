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
        raise misfit(first, where) from None


def misfit(why: str, where: str) -> RunError:
    """The error of a checkpoint that is not one of the preset's net."""
    return RunError(
        f"the checkpoint does not fit the preset: {why}.", where=where,
        hint="Was preset.toml changed after the start?",
    )  # fmt: skip
