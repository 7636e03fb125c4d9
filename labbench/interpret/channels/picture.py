"""One layer's channels over the clips of a split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench import units
from labbench.draw.columns import in_view
from labbench.draw.export import csv_text
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.errors import RunError
from labbench.interpret.channels import lists, words
from labbench.interpret.channels.answer import FIGURES, STATES, Channel, Dead, Layer
from labbench.interpret.channels.map import Grid
from labbench.interpret.channels.options import DeadOptions, Order
from labbench.interpret.picture import AnalysisView
from labbench.runs import RunFolder

ALL = 1 << 16
"""More lines than there are."""

LEAST_LIST = 5
"""Lines below the map that are worth a list."""


@dataclass(frozen=True, slots=True)
class DeadView(AnalysisView[DeadOptions]):
    """What wakes the channels of a layer, and what of all layers.

    Where the options name a layer, JSON and CSV tell of no other.
    """

    dead: Dead
    layer: Layer
    channels: tuple[Channel, ...]
    """The layer's channels in order."""

    @classmethod
    def of(
        cls, run_id: str, synthetic: bool, dead: Dead, options: DeadOptions
    ) -> DeadView:  # fmt: skip
        """The view of the layer that the options name; an empty name is the last.

        Raises:
            RunError: there is no such layer or channel.
        """
        layer = dead.layer(options.layer)
        if options.channel is not None and not 0 <= options.channel < layer.channels:
            raise RunError(
                f"{layer.name} has no channel {options.channel}.", where=run_id,
                hint=f"They are 0 to {layer.channels - 1}.",
            )  # fmt: skip
        return cls(run_id, synthetic, options, dead, layer, _ordered(layer, options.order))

    def having(self, options: DeadOptions) -> DeadView:
        """The view with another layer, order, figure, part or channel."""
        channels = self.dead.layer(options.layer).channels
        if options.channel is not None:
            options = options.having(channel=min(options.channel, channels - 1))
        return DeadView.of(self.run_id, self.synthetic, self.dead, options)

    @property
    def place(self) -> int | None:
        """Where the channel that is marked and explained stands in the order."""
        marked = [place for place, one in enumerate(self.channels)
                  if one.index == self.options.channel]  # fmt: skip
        return marked[0] if marked else None

    @property
    def chosen(self) -> Channel | None:
        """The channel that is marked."""
        return None if self.place is None else self.channels[self.place]

    @property
    def grid(self) -> Grid:
        """The map."""
        order = np.array([one.index for one in self.channels], np.int64)
        figure = self.options.figure or ("strength" if self.layer.bounded else "awake")
        return Grid(self.layer, order, figure, self.place)

    def moved(self, by: int) -> DeadView:
        """The view with a channel marked that is so many places on, kept within the layer."""
        place = min(max((self.place or 0) + by, 0), self.layer.channels - 1)
        return self.having(self.options.having(channel=self.channels[place].index))

    def clicked(self, x: int, y: int, width: int, height: int) -> DeadView | None:
        """The view after a click on a cell of the map."""
        place = None if self._part != "map" else self.grid.place_at(x, width)
        if place is None:
            return None
        return self.having(self.options.having(channel=self.channels[place].index))

    @property
    def _part(self) -> str:
        return self.options.show or "map"

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        if height is None and self.options.show is None:
            return Group(*self._everything(width, theme))
        room = ALL if height is None else height
        if self._part == "layers":
            return Group(*self._layers(width, theme))
        if self._part == "list":
            return Group(*self._list(width, room, theme))
        return Group(*self._map(width, room, theme))

    def heading(self, theme: Theme, place: str = "") -> Text:
        """Layer, activation, channels, and the clips that were listened to."""
        layer = self.layer
        shape = f"  {layer.activation}, {units.plural(layer.channels, 'channel')}  "
        said = ((layer.name, "bold"), shape, (self.heard(), theme.muted))
        return Text.assemble(*said, self.warning(theme))

    def heard(self) -> str:
        """The clips that were listened to: `test, 5,297 clips`."""
        dead = self.dead
        part = f"{dead.clips:,} of " if dead.clips < dead.of else ""
        return f"{dead.split}, {part}{units.plural(dead.of, 'clip')}"

    def _everything(self, width: int, theme: Theme) -> Iterator[RenderableType]:
        yield Text(words.sentence(self.layer))
        yield Text()
        yield from self._said(theme)
        yield from self.grid.lines(width, len(self.dead.words) + 1, theme)
        yield Text()
        yield from self._layers(width, theme)
        yield Text()
        found = [one for one in self.channels if one.state != "dead"]
        if found:
            yield lists.channels(self.layer, found, width, theme)
        if dead := sorted(one.index for one in self.channels if one.state == "dead"):
            yield Text.assemble(("dead: ", theme.bad), words.spans(dead))
        yield Text()
        yield from (Text(one, style=theme.muted) for one in words.MEASURES)

    def _said(self, theme: Theme) -> Iterator[Text]:
        said = f"by {self.options.order} · {self.grid.said()}"
        yield Text(said, style=theme.muted, no_wrap=True, overflow="ellipsis")

    def _map(self, width: int, room: int, theme: Theme) -> Iterator[RenderableType]:
        """The sentence as far as there is room for it, the map, the channel marked, a list."""
        K = len(self.dead.words)
        said = Text(words.sentence(self.layer))
        wrapped = -(-len(said) // max(width - 8, 1)) + 1
        roomy = room >= K + 5 + wrapped
        if roomy:
            yield from (said, Text())
        else:
            yield Text(words.brief(self.layer), no_wrap=True, overflow="ellipsis")
        yield from self._said(theme)
        below = 1 if self.chosen else 0
        used = (wrapped if roomy else 1) + 1 + below
        lines = self.grid.lines(width, min(K + 1, max(room - used, 2)), theme)
        yield from lines
        if self.chosen:
            explained = words.channel(self.layer, self.chosen)
            yield Text(explained, no_wrap=True, overflow="ellipsis")
        left = room - used - len(lines)
        if left > LEAST_LIST:
            yield Text()
            yield from self._list(width, left - 1, theme)

    def _list(self, width: int, room: int, theme: Theme) -> Iterator[RenderableType]:
        """The channels around the one that is marked."""
        places = in_view(len(self.channels), room - 1, self.place or 0)
        shown = [self.channels[place] for place in places]
        yield lists.channels(
            self.layer, shown, width, theme, self.chosen.index if self.chosen else None
        )  # fmt: skip

    def _layers(self, width: int, theme: Theme) -> Iterator[RenderableType]:
        yield Text(words.whole(self.dead))
        yield Text()
        yield lists.layers(self.dead, width, theme, self.layer.name)

    @property
    def _told(self) -> tuple[Layer, ...]:
        return (self.layer,) if self.options.layer else self.dead.layers

    def as_json(self) -> dict[str, Any]:
        """Run, clips, labels, and of each layer every channel."""
        return {
            "run": self.run_id,
            "split": self.dead.split,
            "clips": self.dead.clips,
            "of": self.dead.of,
            "words": list(self.dead.words),
            "clips_by_label": self.dead.clips_K.tolist(),
            "sentence": words.whole(self.dead),
            "layers": [lists.layer_json(layer) for layer in self._told],
        }

    def as_csv(self) -> str:
        """One row a channel, with the share of each label's clips that wake it."""
        header = ["layer", *lists.FIELDS, "silent_for", *(f"awake:{w}" for w in self.dead.words)]
        return csv_text(
            header,
            (
                [layer.name, *lists.fields(one), " ".join(one.silent_for), *awake]
                for layer in self._told
                for one, awake in zip(
                    layer.described(), layer.share_by_label.tolist(), strict=True
                )
            ),
        )  # fmt: skip

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """By layer and figure, channels by labels; clips and words by label."""
        arrays: dict[str, NDArray[Any]] = {
            "words": np.array(self.dead.words), "clips": self.dead.clips_K,
        }  # fmt: skip
        for layer in self._told:
            arrays |= {
                f"{layer.name}.{figure}": getattr(layer, f"{figure}_CK") for figure in FIGURES
            }
        return arrays


def view(run: RunFolder, options: DeadOptions, dead: Dead) -> DeadView:
    """What was found out, as the options want it.

    Raises:
        RunError: there is no such layer or channel.
    """
    return DeadView.of(run.id, run.status().synthetic, dead, options)


def _ordered(layer: Layer, order: Order) -> tuple[Channel, ...]:
    labels = layer.words
    keys: dict[Order, Any] = {
        "awake": lambda one: (-one.awake, one.index),
        "channel": lambda one: one.index,
        "label": lambda one: (
            labels.index(one.label) if one.label else len(labels), -one.selectivity
        ),
        "state": lambda one: (STATES.index(one.state), one.awake, one.index),
    }  # fmt: skip
    return tuple(sorted(layer.described(), key=keys[order]))
