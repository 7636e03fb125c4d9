"""Feature maps of a clip: all channels of a layer, and one of them, on the clip's time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType

from labbench import units
from labbench.audio.stft import spectrogram
from labbench.draw import strips
from labbench.draw.columns import Column, beside, fitted, in_view, marked
from labbench.draw.export import csv_text
from labbench.draw.palette import Theme
from labbench.draw.plain import Text
from labbench.draw.spectrogram import GUTTER
from labbench.draw.strips import Axis
from labbench.errors import RunError
from labbench.interpret.feature_maps.answer import ChannelFigures, Maps, spectrogram_of, stft_window
from labbench.interpret.feature_maps.options import MapsOptions
from labbench.interpret.filters.bank import hertz
from labbench.interpret.picture import AnalysisView, clip_line
from labbench.runs import RunFolder, weights

BESIDE = 72
"""From so many cells on, the list of channels stands beside the strips."""

ROOMY = 110
"""From so many cells on, the list has all its columns."""

NARROW_LIST, WIDE_LIST = 22, 44
"""Cells of the list."""

GAP = 2
"""Cells between list and strips."""

STRIPS = ("waveform", "spectrogram", "overview", "before", "after", "stft")
"""What stands one above the other."""

LEAST = {"waveform": 1, "spectrogram": 2, "overview": 2, "before": 2, "after": 2, "stft": 2}
WANTED = {"waveform": 4, "spectrogram": 8, "overview": 8, "before": 6, "after": 6, "stft": 8}
"""Lines of each at least, and where no height is asked for."""

GO_FIRST = ("spectrogram", "stft", "waveform", "overview", "before")
"""What is left out where there is no room."""


@dataclass(frozen=True, slots=True)
class MapsView(AnalysisView[MapsOptions]):
    """A layer's channels for one clip; one of them is looked at closely."""

    epoch: int
    maps: Maps
    figures: ChannelFigures
    """Of what is shown: before or after the activation."""

    def having(self, options: MapsOptions) -> MapsView:
        """The view of the same maps with another channel, side, order or time."""
        now = self.options
        figures = self.figures if options.before == now.before else _figures(self.maps, options)
        channel = options.channel if options.channel is not None else self.channel
        channel = min(channel, len(self.maps.after_CT) - 1)
        return replace(self, options=options.having(channel=channel), figures=figures)

    # What is shown

    @property
    def shown(self) -> NDArray[np.float32]:
        """(C, T) the values that overview, list and spectrogram show."""
        return self.maps.before_CT if self.options.before else self.maps.after_CT

    @property
    def channels(self) -> list[int]:
        """All channels in the order shown."""
        if self.options.sort == "index":
            return list(range(len(self.shown)))
        return [int(one) for one in np.argsort(-self.figures.energy, kind="stable")]

    @property
    def channel(self) -> int:
        """The one that is looked at."""
        assert self.options.channel is not None
        return self.options.channel

    def moved(self, by: int) -> MapsView:
        """The view with a channel looked at that is so many places on; clipped."""
        order = self.channels
        place = min(max(order.index(self.channel) + by, 0), len(order) - 1)
        return self.having(self.options.having(channel=order[place]))

    def sample_at(self, time_s: float) -> int:
        """The channel's sample nearest to a time."""
        place = round((time_s - self.maps.start_s) * self.maps.rate_hz)
        return min(max(place, 0), len(self.shown[0]) - 1)

    # In words

    def clip_words(self, theme: Theme) -> Text:
        """What the clip is and what it is taken for."""
        return clip_line(self.maps.clip, self.maps.words, self.maps.logits_K, theme)

    def layer_words(self) -> str:
        """`conv3 · 32 channels of 1,777 samples at 1,778 Hz · after relu, 5 silent`."""
        maps = self.maps
        samples = self.shown.shape[1]
        parts = [
            f"{maps.layer} · {units.plural(len(maps.after_CT), 'channel')} of {samples:,} samples",
            f"at {hertz(maps.rate_hz)} Hz · {self.side_words()}",
        ]
        silent = f", {maps.silent} silent" if maps.silent and not self.options.before else ""
        slow = "" if self._has_stft else ", too few for a spectrogram"
        return " ".join(parts) + silent + slow

    def side_words(self) -> str:
        """`after relu`."""
        return f"{'before' if self.options.before else 'after'} {self.maps.activation}"

    def channel_words(self) -> str:
        """What is looked at; with a cursor the values under it."""
        maps, name = self.maps, f"{self.maps.layer}:{self.channel}"
        if self.options.at is None:
            share = self.figures.share[self.channel]
            return f"{name} · {share:.1%} of the layer's energy"
        place = self.sample_at(self.options.at)
        before, after = maps.before_CT[self.channel, place], maps.after_CT[self.channel, place]
        return f"{name} at {self.options.at:.3f} s: {before:+.4f} before, {after:+.4f} after"

    def heading(self, theme: Theme, place: str = "") -> Text:
        """One line above the picture: clip, its place among the clips, layer or channel."""
        text = self.clip_words(theme)
        if self.options.at is not None:
            return text.append(f"  {self.channel_words()}", style=theme.muted)
        if place:
            text.append(f"  {place}", style=theme.muted)
        return text.append(f"  {self.layer_words()}", style=theme.muted)

    # The picture

    def head(self, theme: Theme) -> list[Text]:
        said = Text(f"{self.layer_words()} · {self.channel_words()}", style=theme.muted)
        return [self.of_run(f"best net, epoch {self.epoch}", theme), self.clip_words(theme), said]

    def body(self, width: int, height: int | None, theme: Theme) -> RenderableType:
        if width < BESIDE:
            return Group(*self._strips(width, height, theme))
        left = _list_width(width)
        lines = self._strips(width - left - GAP, height, theme)
        listed = self._listed(left, len(lines), theme)
        return beside([listed, "", Group(*lines)], [left, GAP, width - left - GAP])

    def time_at(self, x: int, width: int) -> float | None:
        """The time that is seen at a column of a picture without heading; None left of it."""
        left = 0 if width < BESIDE else _list_width(width) + GAP
        columns = width - left - GUTTER
        place = x - left - GUTTER
        return (place + 0.5) / columns if 0 <= place < columns else None

    def channel_at(self, x: int, y: int, width: int, height: int) -> int | None:
        """The channel whose line is at a cell of a picture without heading, if any."""
        if width < BESIDE or x >= _list_width(width):
            return None
        shown = self._window(height)
        return self.channels[shown[y - 1]] if 1 <= y <= len(shown) else None

    def clicked(self, x: int, y: int, width: int, height: int) -> MapsView | None:
        """The view with the channel or the time that was clicked."""
        if (channel := self.channel_at(x, y, width, height)) is not None:
            return self.having(self.options.having(channel=channel))
        if (time_s := self.time_at(x, width)) is not None:
            return self.having(self.options.having(at=time_s))
        return None

    def _window(self, rows: int) -> range:
        """The places of the channels that a list of so many lines shows."""
        order = self.channels
        return in_view(len(order), rows - 1, order.index(self.channel))

    def _strips(self, width: int, height: int | None, theme: Theme) -> list[Text]:
        """All strips in view and the time axis below them."""
        axis = Axis(max(width - GUTTER, 2), cursor_s=self.options.at)
        parts = [part for part in STRIPS if part != "stft" or self._has_stft]
        if height is None:
            rows = {part: WANTED[part] for part in parts}
            rows["overview"] = max(min(len(self.shown) // 2, 32), 2)
        else:
            rows = shared(parts, height - 1)
        drawers = {
            "waveform": self._waveform, "spectrogram": self._spectrogram,
            "overview": self._overview, "before": self._wave, "after": self._wave,
            "stft": self._spectrum,
        }  # fmt: skip
        lines = [
            line for part in parts if rows.get(part)
            for line in drawers[part](part, axis, rows[part], theme)
        ]  # fmt: skip
        return [*lines, axis.labels(theme)]

    def _waveform(self, part: str, axis: Axis, rows: int, theme: Theme) -> list[Text]:
        return strips.wave(self.maps.samples_T, axis, rows, theme, rate_hz=units.SAMPLE_RATE_HZ,
                           said=["the clip", "clip"])  # fmt: skip

    def _spectrogram(self, part: str, axis: Axis, rows: int, theme: Theme) -> list[Text]:
        return strips.spectrum(spectrogram(self.maps.samples_T), axis, rows, theme,
                               said=["its spectrogram", "spectrogram"])  # fmt: skip

    def _overview(self, part: str, axis: Axis, rows: int, theme: Theme) -> list[Text]:
        """Every channel over time; bright is far from zero."""
        low, high = axis.ends(self.shown, self.maps.rate_hz, self.maps.start_s)
        size_CX = np.maximum(np.abs(low), np.abs(high))[self.channels]
        shares = strips.pooled(size_CX, 2 * rows) / (size_CX.max() or 1.0)
        place = self.channels.index(self.channel)
        row = min(place * rows // len(size_CX), rows - 1)
        by = f"by {self.options.sort}"
        said = [f"all channels {by}, {self.side_words()}", f"all {by}", "all"]
        return strips.heat(shares, axis, theme, left={row: f"▸{self.channel}"}, said=said)

    def _wave(self, part: str, axis: Axis, rows: int, theme: Theme) -> list[Text]:
        values_CT = self.maps.before_CT if part == "before" else self.maps.after_CT
        name, kind = f"{self.maps.layer}:{self.channel}", self.maps.activation
        said = [f"{name} {part} {kind}", f"{part} {kind}", part]
        return strips.wave(values_CT[self.channel], axis, rows, theme, rate_hz=self.maps.rate_hz,
                           start_s=self.maps.start_s, said=said)  # fmt: skip

    @property
    def _has_stft(self) -> bool:
        return stft_window(self.shown.shape[1], self.maps.rate_hz) is not None

    def _spectrum(self, part: str, axis: Axis, rows: int, theme: Theme) -> list[Text]:
        name = f"{self.maps.layer}:{self.channel}"
        said = [f"{name} spectrogram", f"{name} STFT", "STFT"]
        found = spectrogram_of(self.shown[self.channel], self.maps.rate_hz)
        assert found is not None
        return strips.spectrum(found, axis, rows, theme, start_s=self.maps.start_s,
                               said=said)  # fmt: skip

    def _listed(self, width: int, rows: int, theme: Theme) -> RenderableType:
        """Channels in the order shown, as many as fit, each a small waveform."""
        order, figures = self.channels, self.figures
        shown = [order[at] for at in self._window(rows)]
        marks = [one == self.channel for one in shown]
        ends = [f"{strips.figure(float(figures.least[one]))} to "
                f"{strips.figure(float(figures.greatest[one]))}" for one in shown]  # fmt: skip
        wide = width >= WIDE_LIST
        axis, cells = Axis(1), 14 if wide else 8
        waves = [strips.tiny(self.shown[one], cells, axis, self.maps.rate_hz, self.maps.start_s)
                 for one in shown]  # fmt: skip
        shares = marked([f"{figures.share[one]:.1%}" for one in shown], marks, theme)
        columns = [
            Column("ch", marked(map(str, shown), marks, theme, pointer=True), right=True),
            Column("energy", shares, right=True),
            Column("over time", [Text(one, style=theme.accent) for one in waves]),
        ]
        if wide:
            columns.append(Column("values", marked(ends, marks, theme), rank=1))
        return fitted(columns, width, theme)

    # For programs

    def as_json(self) -> dict[str, Any]:
        """Clip, layer, figures of all channels in the order shown, and the chosen one's values."""
        maps = self.maps
        return {
            "run": self.run_id, "epoch": self.epoch, "clip": maps.clip.name,
            "actual": maps.clip.word or None, "layer": maps.layer, "activation": maps.activation,
            "rate_hz": maps.rate_hz, "start_s": maps.start_s,
            "side": "before" if self.options.before else "after", "silent": maps.silent,
            "logits": dict(zip(maps.words, maps.logits_K.tolist(), strict=True)),
            "channels": [dict(zip(FIELDS, self._fields(one), strict=True))
                         for one in self.channels],
            "channel": self.channel,
            "before": maps.before_CT[self.channel].tolist(),
            "after": maps.after_CT[self.channel].tolist(),
        }  # fmt: skip

    def as_csv(self) -> str:
        """One row a channel, in the order shown."""
        return csv_text(FIELDS, [self._fields(one) for one in self.channels])

    def _fields(self, channel: int) -> list[Any]:
        one = self.figures
        figures = (one.energy, one.share, one.least, one.greatest)
        return [channel, *(float(column[channel]) for column in figures)]

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """All values before and after the activation (C, T), their times, the clip's samples."""
        maps = self.maps
        times_s = maps.start_s + np.arange(maps.after_CT.shape[1]) / maps.rate_hz
        return {
            "samples": maps.samples_T, "before": maps.before_CT, "after": maps.after_CT,
            "times_s": times_s, "logits": maps.logits_K, "words": np.array(maps.words, np.str_),
            "energy": self.figures.energy,
        }  # fmt: skip


FIELDS = ("channel", "energy", "share", "least", "greatest")


def _list_width(width: int) -> int:
    return WIDE_LIST if width >= ROOMY else NARROW_LIST


def shared(parts: Sequence[str], height: int) -> dict[str, int]:
    """Lines for each strip: what is wanted, scaled to the height; some left out where it is low."""
    kept = list(parts)
    for part in GO_FIRST:
        if sum(LEAST[one] for one in kept) <= height:
            break
        kept = [one for one in kept if one != part]
    rows = {part: LEAST[part] for part in kept}
    for _ in range(height - sum(rows.values())):
        # The next line goes to the strip that is farthest from what it wants.
        poorest = min(kept, key=lambda part: rows[part] / WANTED[part])
        rows[poorest] += 1
    return rows


def view(run: RunFolder, options: MapsOptions, maps: Maps) -> MapsView:
    """What was found out, as the options want it; no channel: the one with the highest energy.

    Raises:
        RunError: there is no checkpoint or channel.
    """
    channels, figures = len(maps.after_CT), _figures(maps, options)
    if options.channel is not None and not 0 <= options.channel < channels:
        raise RunError(
            f"{maps.layer} has no channel {options.channel}.", where=run.id,
            hint=f"They are 0 to {channels - 1}.",
        )  # fmt: skip
    if options.channel is None:
        options = options.having(channel=int(figures.energy.argmax()))
    epoch, synthetic = weights.checkpoint(run.path).epoch, run.status().synthetic
    return MapsView(run.id, synthetic, options, epoch, maps, figures)


def _figures(maps: Maps, options: MapsOptions) -> ChannelFigures:
    return ChannelFigures.of(maps.before_CT if options.before else maps.after_CT)
