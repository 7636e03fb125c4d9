"""What the figures of a layer say, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence

from labbench import units
from labbench.interpret.channels.answer import Channel, Dead, Layer, State


def gone(layer: Layer) -> float:
    """Channels that an average clip does not wake."""
    return max(layer.channels - float(layer.awake_share.sum()), 0.0)


def count(layer: Layer, state: State) -> int:
    """Channels of a state."""
    return sum(channel.state == state for channel in layer.described())


def partly(layer: Layer) -> int:
    """Channels that some label never wakes, and another does."""
    return sum(bool(one.silent_for) and one.state != "dead" for one in layer.described())


def silenced(layer: Layer) -> float:
    """Share of what goes into the activation that is not above 0."""
    return 1.0 - float(layer.over_clips(layer.above_CK).mean())


def near_limits(layer: Layer) -> float:
    """Share of outputs near a limit."""
    return float(layer.over_clips(layer.limits_CK).mean())


def sentence(layer: Layer) -> str:
    """The layer in one or two sentences: what is gone, and for whom."""
    tail = _limits(layer) if layer.bounded else _below(layer)
    return f"{_awake(layer)} {tail}"


def _awake(layer: Layer) -> str:
    lost, C = gone(layer), layer.channels
    heard = units.plural(layer.clips, "clip")
    if lost < 1e-9:
        return f"In {layer.name} every one of {heard} wakes all {units.plural(C, 'channel')}."
    dead, some = count(layer, "dead"), partly(layer)
    if dead == C:
        return f"In {layer.name} all {C} channels are silent for every one of {heard}."
    said = [f"{dead} for every label"] if dead else ["none for every label"]
    said += [f"{some} more for some labels"] if some else []
    said += ["the rest from clip to clip"] if lost - dead > 0.05 else []
    return (
        f"In {layer.name} an average clip leaves {lost:.1f} of {units.plural(C, 'channel')}"
        f" silent ({lost / C:.0%}): {', '.join(said)}."
    )


def _below(layer: Layer) -> str:
    share = f"{silenced(layer):.0%}"
    if layer.activation == "relu":
        return f"Its relu sets {share} of all samples to 0."
    return f"{share} of what goes into its {layer.activation} is not above 0."


def _limits(layer: Layer) -> str:
    return (
        f"{layer.activation} cuts no half off: {near_limits(layer):.0%} of its outputs are near a"
        f" limit, {units.plural(count(layer, 'saturated'), 'channel')} saturated."
    )


def brief(layer: Layer) -> str:
    """The same in a few words."""
    parts = [f"{gone(layer) / layer.channels:.0%} gone in an average clip"]
    parts += [
        f"{count(layer, 'dead')} of {layer.channels} dead",
        f"{partly(layer)} for some labels",
    ]
    if layer.bounded:
        parts.append(f"{near_limits(layer):.0%} near a limit")
    return " · ".join(parts)


def whole(dead: Dead) -> str:
    """All layers in a sentence."""
    channels = sum(layer.channels for layer in dead.layers)
    none = sum(count(layer, "dead") for layer in dead.layers)
    some = sum(partly(layer) for layer in dead.layers)
    return (
        f"Of {units.plural(channels, 'channel')} in {units.plural(len(dead.layers), 'layer')},"
        f" {none} ({none / channels:.0%}) are dead for every label and {some} for some."
    )


def channel(layer: Layer, one: Channel) -> str:
    """One channel in a sentence."""
    if one.state == "dead":
        return f"channel {one.index}: dead. No clip of any label wakes it."
    parts = [f"channel {one.index}: {one.state}, {one.awake:.0%} of clips wake it"]
    if one.silent_for:
        parts.append(f"silent for {', '.join(one.silent_for)}")
    if one.label:
        parts.append(f"{times(one)} the rest for {one.label}")
    if layer.bounded:
        parts.append(f"{one.limits:.0%} near a limit")
    return "; ".join(parts) + "."


def times(one: Channel) -> str:
    """How much harder its label drives it: `3.2x`."""
    if one.times >= 999.5:
        return ">999x"
    return f"{one.times:.1f}x" if one.times < 99.95 else f"{one.times:.0f}x"


MEASURES = (
    "Awake: what goes into relu and its kin rises above 0 at some time of a clip; between two"
    " limits (tanh): the output moves by more than 1% of the range.",
    "Selective: (top - rest) / (top + rest) of the mean magnitude, top the label that drives it"
    " hardest, rest the mean of the others, is at least 0.5 (3x; Morcos et al. 2018).",
    "Saturated: more than half of the outputs are within 2.5% of the range of a limit.",
)
"""What the words mean."""


def spans(numbers: Sequence[int]) -> str:
    """Ascending numbers with runs drawn together: `0-3, 6, 9-12`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
