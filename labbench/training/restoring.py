"""A trained net from its run folder."""

from __future__ import annotations

from labbench.nets import Net
from labbench.nets.weights import misfit, set_weights
from labbench.runs import RunFolder
from labbench.training.checkpoints import Checkpoints


def load_net(run: RunFolder, which: str = "best") -> Net:
    """The net of a run with its best or last weights, on the CPU, in inference mode.

    Raises:
        RunError: there is no checkpoint yet, or it is damaged or another net's.
        ValueError: `which` is neither.
    """
    checkpoints = Checkpoints(run.checkpoints_path)
    preset = run.preset()
    if which == "best":
        _, tensors = checkpoints.load_best()
    elif which == "last":
        loaded = checkpoints.load_last()
        # Without a last checkpoint load_best says what there is to wait for.
        tensors = loaded.net if loaded else checkpoints.load_best()[1]
    else:
        raise ValueError(f"which = {which!r}: best or last")
    plan = preset.plan
    held = sum(tensor.numel() for tensor in tensors.values())
    if held < plan.parameters:
        # Told before a net is built for which there may be no memory.
        raise misfit(f"it holds {held:,} of {plan.parameters:,} parameters", run.id)
    net = Net(plan)
    set_weights(net, tensors, run.id)
    return net.eval()
