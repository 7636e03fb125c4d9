"""Channels one a line, and layers one a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType

from labbench.draw import glyphs
from labbench.draw.columns import Column, fitted
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.interpret.channels import words
from labbench.interpret.channels.answer import SELECTIVE, Channel, Dead, Layer, State

SIGNS: dict[State, str] = {
    "dead": "○", "partly dead": "◐", "saturated": "▲", "selective": "◆", "alive": "●",
}  # fmt: skip

BAR = 8


def channels(
    layer: Layer, shown: Sequence[Channel], width: int, theme: Theme, marked: int | None = None
) -> RenderableType:  # fmt: skip
    """The channels in a table; the one of an index marked."""
    pointer = [Text("▸" if one.index == marked else " ", style=theme.accent) for one in shown]
    columns = [
        Column("", pointer),
        _column("channel", [str(one.index) for one in shown]),
        Column("state", [_state(one.state, theme) for one in shown]),
        _column("awake", [f"{one.awake:.1%}" for one in shown]),
        Column("", [Text(glyphs.bar(one.awake, BAR), style=theme.train) for one in shown], rank=3),
        _column("mean", [f"{one.mean:.3g}" for one in shown]),
        _column("max", [f"{one.peak:.3g}" for one in shown]),
        _column("strongest", [one.label or "·" for one in shown], right=False),
        _column("index", [f"{one.selectivity:.2f}" for one in shown], rank=1),
        _column("times", [words.times(one) if one.label else "·" for one in shown]),
    ]
    if layer.bounded:
        columns.append(_column("near a limit", [f"{one.limits:.0%}" for one in shown]))
    silent = [Text(_silent(one, layer), style=theme.muted) for one in shown]
    columns.append(Column("never for", silent, rank=2, least=9))
    return fitted(columns, width, theme)


def _column(title: str, cells: Sequence[str], *, right: bool = True, rank: int = 0) -> Column:
    return Column(title, [Text(cell) for cell in cells], right=right, rank=rank)


def _state(state: State, theme: Theme) -> Text:
    colours = {"dead": theme.bad, "partly dead": theme.warn, "saturated": theme.warn,
               "selective": theme.good}  # fmt: skip
    return Text(f"{SIGNS[state]} {state}", style=colours.get(state, ""))


def _silent(one: Channel, layer: Layer) -> str:
    if len(one.silent_for) == int((layer.clips_K > 0).sum()):
        return "any label"
    return ", ".join(one.silent_for)


def layers(dead: Dead, width: int, theme: Theme, marked: str = "") -> RenderableType:
    """All layers in a table; the one of a name marked."""
    found = dead.layers
    pointer = [Text("▸" if layer.name == marked else " ", style=theme.accent) for layer in found]
    lost = [words.gone(layer) / layer.channels for layer in found]
    columns = [
        Column("", pointer),
        _column("layer", [layer.name for layer in found], right=False),
        _column("activation", [layer.activation for layer in found], right=False, rank=4),
        _column("channels", [str(layer.channels) for layer in found]),
        _column("gone a clip", [f"{share:.1%}" for share in lost]),
        Column("", [Text(glyphs.bar(share, BAR), style=theme.bad) for share in lost], rank=3),
        _column("dead", [str(words.count(layer, "dead")) for layer in found]),
        _column("some labels", [str(words.partly(layer)) for layer in found]),
        _column("selective", [str(_selective(layer)) for layer in found]),
        _column("saturated", [_saturated(layer) for layer in found]),
        _column("not above 0", [f"{words.silenced(layer):.0%}" for layer in found], rank=2),
    ]
    return fitted(columns, width, theme)


def _selective(layer: Layer) -> int:
    return int((layer.selectivity >= SELECTIVE).sum())


def _saturated(layer: Layer) -> str:
    return str(words.count(layer, "saturated")) if layer.bounded else "·"


def layer_json(layer: Layer) -> dict[str, Any]:
    """A layer's figures, and what is said of each channel."""
    return {
        "layer": layer.name,
        "activation": layer.activation,
        "sentence": words.sentence(layer),
        "gone": words.gone(layer) / layer.channels,
        "dead": words.count(layer, "dead"),
        "partly_dead": words.partly(layer),
        "selective": _selective(layer),
        "saturated": words.count(layer, "saturated") if layer.bounded else None,
        "not_above_zero": words.silenced(layer),
        "channels": [
            dict(zip(FIELDS, fields(one), strict=True))
            | {"silent_for": list(one.silent_for), "awake_by_label": awake}
            for one, awake in zip(layer.described(), layer.share_by_label.tolist(), strict=True)
        ],
    }


FIELDS = ("channel", "state", "awake", "mean", "max", "strongest", "selectivity", "near_limits")


def fields(one: Channel) -> list[Any]:
    """A channel's figures in the order of `FIELDS`."""
    return [one.index, one.state, one.awake, one.mean, one.peak, one.label, one.selectivity,
            one.limits]  # fmt: skip
