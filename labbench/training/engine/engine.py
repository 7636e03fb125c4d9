"""One training step and one inference, as fast as the device allows.

Shapes: B batch, T samples of a clip, K classes.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from labbench.errors import DeviceError
from labbench.nets import Net
from labbench.training.engine import native
from labbench.training.engine.cpu import CpuEngine
from labbench.training.engine.plain import PlainEngine

Precision = Literal["fp32", "bf16"]


class Engine:
    """Steps of a net that stays the owner of its parameters and buffers.

    On CPU the steps are this package's own and give the net's own gradients (the tests prove it
    in float64), several times faster than its modules do. On other devices the net's modules run.

    Args:
        net: already on `device`. Its layout is read once; its weights are read at every call.
        device: where batches come from.
        precision: "bf16" multiplies in bfloat16, weights and gradients stay float32.
        products: what did the matrix products on the CPU when the run began (`Engine.products`),
            so that it goes on to the bit; "" for the fastest here.

    Raises:
        DeviceError: bf16 on a CPU that has no tiles of it (AMX), or without kernels for them.
        LabbenchError: LABBENCH_KERNELS asks for what is not to be had.
    """

    def __init__(
        self, net: Net, device: torch.device, precision: Precision = "fp32", products: str = ""
    ) -> None:
        self.precision = precision
        if precision == "fp32":
            multiply_in_float32()
        self.products = native.TORCH
        self._plan = net.plan
        self._impl: CpuEngine | PlainEngine
        if device.type == "cpu":
            kernels = native.bf16_kernels() if precision == "bf16" else native.kernels(products)
            if precision == "bf16" and kernels is None:
                raise DeviceError(native.NO_BF16, hint="Use precision fp32.")
            self.products = native.name_of(kernels)
            self._impl = CpuEngine(net, kernels)
        else:
            self._impl = PlainEngine(net, device, bf16=precision == "bf16")

    def train_step(
        self, clips_BT: Tensor, labels_B: Tensor, *, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Forward and backward in training mode: leaves the mean loss' gradients in `param.grad`.

        What was in `param.grad` is overwritten. Batch norm takes the statistics of this batch and
        updates the running ones. Dropout and rrelu draw from `generator`: the same weights,
        batch, generator state and number of threads give the same bits.

        Returns:
            The mean cross entropy (0-d) and the number of clips classified correctly (0-d int64).

        Raises:
            ValueError: the batch is empty or its clips are not as long as the plan's.
        """
        self._check(clips_BT)
        return self._impl.train_step(clips_BT, labels_B, generator)

    def logits(self, clips_BT: Tensor) -> Tensor:
        """Logits (B, K) in evaluation mode: no noise, running statistics, no gradients.

        Raises:
            ValueError: the batch is empty or its clips are not as long as the plan's.
        """
        self._check(clips_BT)
        return self._impl.logits(clips_BT)

    def _check(self, clips_BT: Tensor) -> None:
        length = self._plan.input_length
        if clips_BT.ndim != 2 or clips_BT.shape[0] < 1 or clips_BT.shape[1] != length:
            raise ValueError(f"clips have shape {tuple(clips_BT.shape)}, not (B, {length})")


def multiply_in_float32() -> None:
    """Have torch round no factor of a float32 product, whatever was set before in this process.

    `TORCH_ALLOW_TF32_CUBLAS_OVERRIDE`, `set_float32_matmul_precision` and cuDNN's default would
    let it multiply in TF32 or bfloat16: where AMX is there, "medium" means bfloat16 on the CPU.
    """
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
