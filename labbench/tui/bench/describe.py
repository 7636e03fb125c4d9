"""A preset in words, figures and a table of layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType

from labbench import units
from labbench.architecture import Model, Plan, layers
from labbench.draw import glyphs
from labbench.draw.columns import Column, fitted
from labbench.draw.palette import Theme
from labbench.draw.plain import Table, Text
from labbench.presets import SECTIONS, Preset, published, resolved, to_tree

BAR = 8
ALWAYS_SHOWN: dict[str, tuple[str, ...]] = {
    "data": ("name", "words"), "augmentation": (), "optimizer": ("name", "learning_rate"),
    "schedule": ("name",), "training": ("batch", "epochs", "patience", "seed"),
}  # fmt: skip
"""What is said even where it is the default; of other parts everything."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best run of a preset here."""

    accuracy: float
    number: int
    synthetic: bool


def described(
    preset: Preset, best: Best | None, runs: int, width: int, theme: Theme
) -> RenderableType:
    """All there is to say of a preset, `width` cells wide."""
    plan = preset.plan
    head = Text(preset.name, style="bold", no_wrap=True, overflow="ellipsis")
    return Group(
        head,
        Text(preset.about, style=theme.muted),
        Text(),
        _figures(preset, plan, best, runs, theme),
        Text(),
        Text.assemble(("settings  ", "bold"), ("bold: not the default", theme.muted)),
        _settings(preset, theme),
        Text(),
        layer_table(plan, width, theme),
    )


def _figures(
    preset: Preset, plan: Plan, best: Best | None, runs: int, theme: Theme
) -> RenderableType:
    """Published and own accuracy side by side, and the size."""
    figure = published(preset.published)
    grid = _grid(theme)
    if figure is not None:
        known = Text(units.accuracy(figure.accuracy))
        if figure.note:
            known.append(f"  {figure.note}", style=theme.muted)
        grid.add_row("published", known)
    grid.add_row("best here", _best(best, runs, figure.accuracy if figure else None, theme))
    size = f"{plan.parameters:,} parameters, {len(plan.convs)} convolutions"
    grid.add_row("size", f"{size}, {plan.features:,} features")
    return grid


def _best(best: Best | None, runs: int, figure: float | None, theme: Theme) -> Text:
    if best is None:
        return Text("not run yet" if not runs else "no accuracy yet", style=theme.muted)
    text = Text(units.accuracy(best.accuracy))
    if best.synthetic:
        text.append("  on synthetic speech", style=theme.warn)
    elif figure is not None:
        text.append("  ").append_text(glyphs.difference(best.accuracy - figure, theme))
    return text.append(f"  run {best.number}", style=theme.muted)


def _settings(preset: Preset, theme: Theme) -> Table:
    """A line for each part; what differs from the defaults is bold."""
    plain = to_tree(resolved(Preset(model=Model(family=preset.model.family))))
    own = to_tree(resolved(preset))
    grid = _grid(theme)
    for section in SECTIONS:
        text = Text()
        for key, value in own[section].items():
            default = plain[section].get(key)
            if (section, key) == ("model", "family"):
                default = Model().family
            if value == default and key not in ALWAYS_SHOWN.get(section, (key,)):
                continue
            if text:
                text.append(" · ", style=theme.muted)
            text.append(_words(key, value), style="bold" if value != default else "")
        grid.add_row(section, text or Text("none", style=theme.muted))
    return grid


def _words(key: str, value: Any) -> str:
    """A setting in as few words as tell it."""
    if key == "words":
        return f"{len(value)} words"
    if isinstance(value, bool):
        return f"{'' if value else 'no '}{key.replace('_', ' ')}"
    if isinstance(value, str):
        return value if key not in ("device", "precision") else f"{key} {value}"
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{key.replace('_', ' ')} {shown}"


def layer_table(plan: Plan, width: int, theme: Theme) -> RenderableType:
    """Convolutions and dense layers with lengths and parameters; what follows each in words."""
    rows = _layer_rows(plan)
    most = max(row.parameters for row in rows) or 1
    bars = [Text(glyphs.bar(row.parameters / most, BAR).rstrip(), theme.accent) for row in rows]
    columns = [
        Column("layer", [Text(row.name) for row in rows]),
        Column("kernel", [Text(row.kernel) for row in rows], rank=4, right=True),
        Column("channels", [Text(row.channels) for row in rows], rank=3, right=True),
        Column("length", [Text(row.length) for row in rows], rank=2, right=True),
        Column("parameters", [Text(f"{row.parameters:,}") for row in rows], rank=1, right=True),
        Column("", bars, rank=6),
        Column("then", [Text(row.then, theme.muted) for row in rows], rank=5, least=6),
    ]
    return fitted(columns, width, theme)


@dataclass(slots=True)
class _Row:
    name: str
    kernel: str
    channels: str
    length: str
    parameters: int
    then: str = ""

    def follow(self, words: str, parameters: int = 0) -> None:
        self.then = f"{self.then}, {words}" if self.then else words
        self.parameters += parameters


def _layer_rows(plan: Plan) -> Sequence[_Row]:
    rows: list[_Row] = []
    for layer in plan:
        match layer:
            case layers.Conv():
                name = layer.name.replace("conv", "conv ")
                channels, length = f"{layer.channels:,}", f"{layer.length:,}"
                rows.append(_Row(name, str(layer.kernel), channels, length, layer.parameters))
            case layers.Dense():
                name = layer.name.replace("dense", "dense ")
                rows.append(_Row(name, "", f"{layer.channels:,}", "", layer.parameters))
            case layers.BatchNorm():
                rows[-1].follow("batch norm", layer.parameters)
            case layers.Activation():
                rows[-1].follow(layer.function, layer.parameters)
            case layers.MaxPool():
                rows[-1].follow(f"pool {layer.size}")
            case layers.Flatten():
                rows[-1].follow("flatten")
            case layers.Dropout():
                rows[-1].follow(f"dropout {layer.rate:g}")
    return rows


def _grid(theme: Theme) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style=theme.muted, width=12)
    grid.add_column()
    return grid
