"""One rank's part of a block with batch norm. The ranks meet once forward and once backward.

The variance is of all clips, so a block has two passes each way. The convolution is done with
the weights of channels of negative scale turned round (and the scale positive), which is the same
net: normalising then keeps order, and the pooling need not wait for the statistics.

Shapes: as in block.py; R rows of all clips and times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from labbench.training.engine.block import Block, Layers, as_rows, write_grad
from labbench.training.engine.convolution import Filters
from labbench.training.engine.native import Above
from labbench.training.engine.pooling import pick, pool, unpool
from labbench.training.engine.team import Team


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and biased variance of a batch, by channel."""

    count: int
    mean_O: Tensor
    variance_O: Tensor


def part_moments(y_NTO: Tensor) -> Tensor:
    """Mean and sum of squared distances of one chunk: (2, O)."""
    mean_O = y_NTO.mean((0, 1))
    return torch.stack([mean_O, (y_NTO - mean_O).square_().sum((0, 1))])


def merged(counts: Sequence[int], parts_P2O: Tensor) -> Moments:
    """Moments of the whole from those of its parts (Chan et al. 1979)."""
    weights_P = torch.tensor(counts, dtype=parts_P2O.dtype)
    total = sum(counts)
    means_PO, squares_PO = parts_P2O[:, 0], parts_P2O[:, 1]
    mean_O = weights_P @ means_PO / total
    between_O = weights_P @ (means_PO - mean_O).square()
    return Moments(total, mean_O, (squares_PO.sum(0) + between_O) / total)


@dataclass(frozen=True, slots=True)
class NormLayers(Layers):
    """The modules of a block with batch norm."""

    norm: nn.BatchNorm1d

    @property
    def running(self) -> tuple[Tensor, Tensor]:
        """Running mean and variance, by channel."""
        assert self.norm.running_mean is not None
        assert self.norm.running_var is not None
        return self.norm.running_mean, self.norm.running_var

    def inference_filters(self) -> Filters:
        """The convolution with the norm's running statistics worked into it."""
        mean_O, variance_O = self.running
        scale_O = self.norm.weight * (variance_O + self.norm.eps).rsqrt()
        weight_OCk = self.conv.weight * scale_O[:, None, None]
        return self.lay_out(weight_OCk, (self.bias - mean_O) * scale_O + self.norm.bias)


class NormBlock(Block):
    """A convolution, a batch norm, an activation, a pooling or none."""

    layers: NormLayers
    keeps_rows = True
    """Whether the results of the convolution are kept for the way back."""

    def __init__(self, layers: NormLayers, clips: int, like: Tensor) -> None:
        super().__init__(layers, clips, like)
        spec, kept = self.spec, clips if self.keeps_rows else 0
        self._y_NTO = like.new_empty(kept, spec.conv.length, spec.conv.channels)
        # Values the pooling chose, before the norm; all of them where there is no pooling.
        self._chosen_NWO = like.new_empty(self._out_shape()) if spec.pool else self._y_NTO

    def filters(self) -> Any:
        """This step's weights, those of channels of negative scale turned round."""
        layers, sign_O = self.layers, scale_sign(self.layers.norm.weight)
        return layers.lay_out(layers.conv.weight * sign_O[:, None, None], layers.bias * sign_O)

    def begin(self, filters: Any, seeds: Sequence[int]) -> None:
        """Take this step's weights, scale (not negative) and shift, and the clips' seeds."""
        super().begin(filters, seeds)
        norm = self.layers.norm
        self._gamma_O, self._beta_O = norm.weight.abs(), norm.bias
        self._counts: list[int] = []
        self._parts: list[Tensor] = [self._gamma_O.new_zeros(0, 2, len(self._gamma_O))]
        self._sums_2O = self._gamma_O.new_zeros(2, len(self._gamma_O))

    def convolve(self, clips: slice) -> None:
        """First pass forward: convolution, statistics, pooling where it may go first."""
        y_NTO = self._convolve(clips)
        self._y_NTO[clips] = y_NTO
        self._counts.append(y_NTO.shape[0] * y_NTO.shape[1])
        self._parts.append(part_moments(y_NTO)[None])
        if self.spec.pool and self.activation.ordered:
            self._chosen_NWO[clips] = self._pooled(y_NTO, clips)

    def meet_forward(self, team: Team, rank: int) -> None:
        """All ranks: statistics of the whole batch."""
        weights = torch.tensor(self._counts, dtype=torch.int64)
        counts = torch.cat(team.gather(rank, weights)).tolist()
        self.moments = merged(counts, torch.cat(team.gather(rank, torch.cat(self._parts))))
        self._rstd_O = (self.moments.variance_O + self.layers.norm.eps).rsqrt()
        self._scale_O = self._gamma_O * self._rstd_O
        self._shift_O = self._beta_O - self.moments.mean_O * self._scale_O

    def normalise(self, clips: slice) -> None:
        """Second pass forward: norm, activation, pooling where it has not been."""
        act, layer = self.activation, self.spec.pool
        if not layer or act.ordered:
            z_NWO = torch.addcmul(self._shift_O, self._chosen_NWO[clips], self._scale_O)
            self._keep(act.forward(z_NWO, self.outputs(clips), clips), clips)
            return
        y_NTO, index_NWO = self._y_NTO[clips], self._index_NWO[clips]
        z_NTO = torch.addcmul(self._shift_O, y_NTO, self._scale_O)
        kept_NTO = act.forward(z_NTO, activated := torch.empty_like(z_NTO), clips)
        pool(activated, layer, self.outputs(clips), index_NWO)
        self._keep(pick(kept_NTO, index_NWO), clips)
        self._chosen_NWO[clips] = pick(y_NTO, index_NWO)

    def reduce(self, grad_NWO: Tensor | Above, clips: slice) -> None:
        """First pass backward: through the activation, and the sums the norm needs.

        The gradient of the norm's output takes the place of the block's output, which nobody
        reads any more.
        """
        out_NWO = self.outputs(clips)
        self._derive(as_rows(grad_NWO), clips, out_NWO)
        normal_NWO = (self._chosen_NWO[clips] - self.moments.mean_O).mul_(self._rstd_O)
        self._sums_2O[0] += out_NWO.sum((0, 1))
        self._sums_2O[1] += normal_NWO.mul_(out_NWO).sum((0, 1))

    def meet_backward(self, team: Team, rank: int) -> None:
        """All ranks: the sums over the whole batch. They are the gradients of shift and scale."""
        self._beta_grad_O, self._gamma_grad_O = sums = team.sum(rank, self._sums_2O)
        mean_2O = sums / self.moments.count
        self._slope_O = -self._scale_O * self._rstd_O * mean_2O[1]
        self._level_O = -self._scale_O * mean_2O[0] - self._slope_O * self.moments.mean_O

    def spread(self, clips: slice, *, wanted: bool) -> Tensor | Above | None:
        """Second pass backward: gradient of the input if `wanted`; adds to the weights'.

        dy = scale * dz - mean(scale * dz) - normal * mean(scale * dz * normal), the means linear
        in y and hence one multiplication and addition (Ioffe and Szegedy 2015). The bias of the
        convolution has no gradient: the norm takes it out.
        """
        y_NTO, dz_NWO, place_NTO = self._y_NTO[clips], self.outputs(clips), self._place(clips)
        torch.addcmul(self._level_O, y_NTO, self._slope_O, out=y_NTO)
        if self.spec.pool:
            unpool(dz_NWO * self._scale_O, self.spec.pool, self._index_NWO[clips], place_NTO)
            place_NTO += y_NTO
        else:
            torch.addcmul(y_NTO, dz_NWO, self._scale_O, out=place_NTO)
        return self._finish(clips, wanted=wanted)

    def write_grads(self, ranks: Sequence[Block]) -> None:
        """As of a block without; and the norm's gradients and running statistics.

        By torch's rule the unbiased variance is kept.
        """
        super().write_grads(ranks)
        norm, moments, sign_O = self.layers.norm, self.moments, scale_sign(self.layers.norm.weight)
        write_grad(norm.weight, self._gamma_grad_O * sign_O)
        write_grad(norm.bias, self._beta_grad_O)
        mean_O, variance_O = self.layers.running
        assert norm.momentum is not None
        assert norm.num_batches_tracked is not None
        unbiased_O = moments.variance_O * (moments.count / max(1, moments.count - 1))
        mean_O.lerp_(moments.mean_O * sign_O, norm.momentum)
        variance_O.lerp_(unbiased_O, norm.momentum)
        norm.num_batches_tracked += 1

    def _weight_grad(self, filters_kCO: Tensor) -> Tensor:
        sign_O = scale_sign(self.layers.norm.weight)
        return super()._weight_grad(filters_kCO) * sign_O[:, None, None]


def scale_sign(scale_O: Tensor) -> Tensor:
    """+1 or -1 by channel: what makes the scale not negative."""
    return torch.where(scale_O < 0, -1.0, 1.0).to(scale_O.dtype)
