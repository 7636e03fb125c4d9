"""The convolutions of a net as what they are: banks of short filters.

Shapes: O output channels, I input channels, K taps, F frequencies from 0 to half the layer's rate.

A layer sees its input at the *effective sample rate* of the clips divided by all pooling before it
(a partial last window changes the length, not the rate). Deeper than the first layer the input is
not sound but feature maps: a frequency there is how fast a feature comes and goes.

torch correlates rather than convolves, so the impulse response is the kernel reversed; the
magnitude response of a real kernel is the same either way, and that of `scipy.signal.freqz`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from labbench.architecture import BatchNorm, Plan
from labbench.architecture.stages import stage
from labbench.errors import LabbenchError, RunError
from labbench.interpret.channels.answer import dead_question
from labbench.interpret.filters.options import FiltersOptions, Sort
from labbench.interpret.question import Ask, kept
from labbench.runs import RunFolder
from labbench.runs import find as run_named
from labbench.runs.weights import read

Floats = NDArray[np.float64]
Arrays = Mapping[str, NDArray[np.generic]]

FLOOR_DB = -120.0
"""Magnitudes below are told as this."""

LEAST_FFT = 1024
"""Responses are sampled at half as many frequencies, or more for long kernels."""


@dataclass(frozen=True, slots=True)
class Responses:
    """Magnitude responses of a layer's filters, and what is read off them.

    The centre of a filter is the frequency where its response is greatest, its gain the response
    there, its bandwidth the span around it that stays within 3 dB (half the power), cut at 0 and
    at half the rate. A filter of zeros has none of them: NaN.
    """

    frequencies_hz: Floats
    """(F,)."""
    magnitude_OF: Floats
    """Output amplitude over input amplitude, 1 is 0 dB."""
    centre_hz: Floats
    """(O,)."""
    bandwidth_hz: Floats
    """(O,)."""
    gain_db: Floats
    """(O,)."""

    @property
    def levels_db(self) -> Floats:
        """(O, F) responses in dB, not below `FLOOR_DB`."""
        return decibels(self.magnitude_OF)

    def order(self, by: Sort) -> NDArray[np.intp]:
        """The output channels by a figure: centre and bandwidth rising, gain falling.

        Equal ones stay in the order of their index; filters of zeros come last.
        """
        if by == "index":
            return np.arange(len(self.gain_db))
        figures = {
            "centre": self.centre_hz, "bandwidth": self.bandwidth_hz, "gain": -self.gain_db,
        }[by]  # fmt: skip
        return np.argsort(figures, kind="stable")


@dataclass(frozen=True, slots=True)
class FilterBank:
    """All kernels of one convolution."""

    layer: str
    """The plan's name: conv1, conv2, ..."""
    rate_hz: float
    """Sample rate of its input."""
    kernels_OIK: Floats
    """As torch holds them: tap k weighs the sample k - left after the present one."""
    bias_O: Floats
    norm_O: Floats | None = None
    """What the batch norm behind it multiplies each channel by, gamma / sqrt(variance + epsilon);
    None where there is no batch norm."""
    folded: bool = False
    """Whether the kernels hold the batch norm's factor."""

    @property
    def channels(self) -> int:
        """Filters, O."""
        return len(self.kernels_OIK)

    @property
    def inputs(self) -> int:
        """Channels that each filter reads, I."""
        inputs: int = self.kernels_OIK.shape[1]
        return inputs

    @property
    def taps(self) -> int:
        """Length of a kernel, K."""
        taps: int = self.kernels_OIK.shape[2]
        return taps

    def fold(self) -> FilterBank:
        """The kernels times the batch norm's factor: the filters as the activation meets them.

        A negative factor turns a kernel over. Raises ValueError where there is no batch norm.
        """
        if self.norm_O is None:
            raise ValueError(f"{self.layer} has no batch norm to fold")
        if self.folded:
            return self
        return replace(self, kernels_OIK=self.kernels_OIK * self.norm_O[:, None, None], folded=True)

    def kernel(self, channel: int, input_channel: int | None = None) -> Floats:
        """(K,) of one filter: of an input channel, or of the one it weighs most (L2 norm)."""
        kernels_IK = self.kernels_OIK[channel]
        chosen = self.strongest_input(channel) if input_channel is None else input_channel
        kernel_K: Floats = kernels_IK[chosen]
        return kernel_K

    def strongest_input(self, channel: int) -> int:
        """The input channel whose kernel has the greatest L2 norm; the first of equal ones."""
        return int(np.square(self.kernels_OIK[channel]).sum(axis=1).argmax())

    def responses(self, input_channel: int | None = None) -> Responses:
        """The responses to one input channel, or the norm over all of them.

        The norm is the root of the sum of squares: the gain for input channels that are equally
        loud and know nothing of one another.

        Raises:
            ValueError: there is no such input channel.
        """
        if input_channel is None:
            kernels_OIK = self.kernels_OIK
        elif 0 <= input_channel < self.inputs:
            kernels_OIK = self.kernels_OIK[:, input_channel : input_channel + 1]
        else:
            raise ValueError(f"{self.layer} has no input channel {input_channel}")
        size = max(LEAST_FFT, 1 << (8 * self.taps - 1).bit_length())
        magnitude_OF = _magnitudes(kernels_OIK, size)
        bins = np.arange(size // 2 + 1, dtype=np.float64)
        return _read_off(bins * (self.rate_hz / size), magnitude_OF)


def filter_bank(layers: Plan, tensors: Arrays, layer: str = "conv1") -> FilterBank:
    """The kernels of a convolution from a checkpoint's tensors.

    Args:
        layer: its name (`conv3`) or number from 1 (`3`).
        tensors: under the names of the state dict, such as `conv1.weight`.

    Raises:
        RunError: the net has no such layer, or the checkpoint is not that of the plan.
    """
    at = stage(layers, layer)
    conv = at.conv
    shape = (conv.channels, conv.in_channels, conv.kernel)
    kernels_OIK = _tensor(tensors, f"{conv.name}.weight", shape)
    bias_O = _tensor(tensors, f"{conv.name}.bias", (conv.channels,))
    norm_O = _norm(tensors, at.batch_norm) if at.batch_norm else None
    return FilterBank(conv.name, at.rate_hz, kernels_OIK, bias_O, norm_O)


@dataclass(frozen=True, slots=True)
class RunFilters:
    """A layer of a run's best net so far."""

    run_id: str
    epoch: int
    """Of the checkpoint."""
    activation: str
    initializer: str
    bank: FilterBank
    awake_O: Floats | None = None
    """Share of the test clips that wake each channel, where that was found out (dead channels)."""


def find(run: RunFolder, options: FiltersOptions, ask: Ask) -> tuple[RunFilters, ...]:
    """The layer of the run, and that of the other one where one is named.

    Raises:
        LabbenchError: there is no such run, or as `run_filters`.
    """
    runs = [run, run_named(options.against)] if options.against else [run]
    return tuple(run_filters(one, options.layer) for one in runs)


def run_filters(run: RunFolder, layer: str = "conv1") -> RunFilters:
    """The kernels of a layer of a run's best net so far, from its checkpoint alone.

    Raises:
        RunError: there is no checkpoint yet, it is damaged, or the net has no such layer.
        PresetError: the run's preset is damaged.
    """
    preset, weights = run.preset(), read(run.path)
    return RunFilters(
        run_id=run.id, epoch=weights.epoch, activation=preset.model.activation,
        initializer=preset.model.initializer, bank=filter_bank(preset.plan, weights.tensors, layer),
        awake_O=_kept_awake(run, weights.digest, layer),
    )  # fmt: skip


def _kept_awake(run: RunFolder, digest: str, layer: str) -> Floats | None:
    """What is kept of an earlier look for dead channels; None where nothing is."""
    try:
        question = dead_question(run)
    except LabbenchError:
        # Without its clips the question cannot be told, and filters need none.
        return None
    dead = kept(run, question, digest)
    return None if dead is None else dead.layer(layer).awake_share


def decibels(magnitude: Floats) -> Floats:
    """20 log10, not below `FLOOR_DB`."""
    found: Floats = 20 * np.log10(np.maximum(magnitude, 10 ** (FLOOR_DB / 20)))
    return found


def _tensor(tensors: Arrays, name: str, shape: tuple[int, ...]) -> Floats:
    found = tensors.get(name)
    if found is None or found.shape != shape:
        what = "is missing" if found is None else f"has the shape {found.shape}, not {shape}"
        raise RunError(
            f"the checkpoint is not that of the run's preset: {name} {what}.",
            hint="Was preset.toml changed after the start?",
        )
    return found.astype(np.float64)


def _norm(tensors: Arrays, norm: BatchNorm) -> Floats:
    """gamma / sqrt(variance + epsilon), as in inference."""
    gamma, variance = (
        _tensor(tensors, f"{norm.name}.{part}", (norm.channels,))
        for part in ("weight", "running_var")
    )
    factor: Floats = gamma / np.sqrt(variance + norm.epsilon)
    return factor


def _magnitudes(kernels_OIK: Floats, size: int) -> Floats:
    """(O, F) root of the sum over input channels of the squared magnitude responses.

    Over many input channels by the sum of their autocorrelations, whose transform is the power:
    the same without a spectrum for each kernel.
    """
    _, inputs, taps = kernels_OIK.shape
    if inputs == 1:
        return np.abs(np.fft.rfft(kernels_OIK[:, 0], size, axis=1)).astype(np.float64)
    lags_OK = np.stack(
        [
            np.einsum("oik,oik->o", kernels_OIK[:, :, : taps - lag], kernels_OIK[:, :, lag:])
            for lag in range(taps)
        ],
        axis=1,
    )
    even_ON = np.zeros((len(lags_OK), size))
    even_ON[:, :taps] = lags_OK
    even_ON[:, size - taps + 1 :] += lags_OK[:, :0:-1]
    powers_OF = np.fft.rfft(even_ON, axis=1).real
    return np.sqrt(np.maximum(powers_OF, 0.0)).astype(np.float64)


def _read_off(frequencies_hz: Floats, magnitude_OF: Floats) -> Responses:
    figures = np.array([_figures(frequencies_hz, one) for one in magnitude_OF]).reshape(-1, 3)
    return Responses(frequencies_hz, magnitude_OF, *figures.T)


def _figures(frequencies_hz: Floats, magnitude_F: Floats) -> tuple[float, float, float]:
    """Centre and bandwidth in Hz, gain in dB of one response."""
    peak = int(magnitude_F.argmax())
    gain = float(magnitude_F[peak])
    if gain <= 0:
        return math.nan, math.nan, math.nan
    level = gain / math.sqrt(2)
    below = np.flatnonzero(magnitude_F < level)
    left, right = below[below < peak], below[below > peak]
    low = _crossing(frequencies_hz, magnitude_F, level, left[-1], 1) if len(left) else 0.0
    high = (
        _crossing(frequencies_hz, magnitude_F, level, right[0], -1)
        if len(right)
        else float(frequencies_hz[-1])
    )
    return float(frequencies_hz[peak]), high - low, 20 * math.log10(gain)


def _crossing(
    frequencies_hz: Floats, magnitude_F: Floats, level: float, at: np.intp, step: int
) -> float:
    """Where the response crosses a level between the place `at`, below it, and its neighbour."""
    under, over = magnitude_F[at], magnitude_F[at + step]
    part = (level - under) / (over - under)
    return float(frequencies_hz[at] + part * (frequencies_hz[at + step] - frequencies_hz[at]))
