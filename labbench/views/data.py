"""Data sets: one at a glance, and all there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding

from labbench import units
from labbench.audio.clips import Clips
from labbench.audio.findings import Check, read_check
from labbench.audio.library import Surveyed
from labbench.audio.members import SHOWN, kind_of
from labbench.audio.meta import SPLITS, Meta
from labbench.draw.columns import ListColumn, list_of
from labbench.draw.export import csv_text
from labbench.draw.palette import TERMINAL, Theme
from labbench.draw.plain import Table, Text
from labbench.views.findings import findings

SHOWN_KINDS = 10
"""Reasons why files were left out."""

BARS = "█▓░"
"""The signs of train, validation and test in a bar: not told by colour alone."""

LONGEST_BAR = 40
"""Cells of the bar of the word with most clips, at most."""

SIDE_BY_SIDE = 130
"""From so many cells on, what is told of a data set stands beside its counts."""


@dataclass(frozen=True, slots=True)
class DataView:
    """One data set: clips by word and split, speakers, durations, changes."""

    meta: Meta
    counts: dict[str, dict[str, int]]
    """Clips by word, then split."""
    speakers: dict[str, int]
    """Speakers by split (0 where names do not tell them)."""
    durations_s: dict[str, float]
    """min, median and max before padding or cutting."""
    short: int
    """Clips under one second."""
    size_bytes: int
    check: Check | None
    """What was found that spoils figures; None: nobody looked yet."""

    @classmethod
    def of(cls, clips: Clips) -> DataView:
        """The view of an opened data set."""
        table = np.zeros((len(clips.words), len(SPLITS)), np.int64)
        np.add.at(table, (clips.labels, clips.splits), 1)
        lengths_s = np.asarray(clips.lengths) / units.SAMPLE_RATE_HZ
        known = np.asarray(clips.speakers) >= 0
        return cls(
            meta=clips.meta,
            counts={
                word: {split: int(n) for split, n in zip(SPLITS, row, strict=True)}
                for word, row in zip(clips.words, table, strict=True)
            },
            speakers={
                split: len(np.unique(clips.speakers[known & (clips.splits == code)]))
                for code, split in enumerate(SPLITS)
            },
            durations_s={
                "min": float(lengths_s.min()),
                "median": float(np.median(lengths_s)),
                "max": float(lengths_s.max()),
            },
            short=int((clips.lengths < units.CLIP_SAMPLES).sum()),
            size_bytes=sum(p.stat().st_size for p in clips.folder.iterdir() if p.is_file()),
            check=read_check(clips.folder, clips.meta),
        )

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        parts: list[RenderableType] = [self.head(theme), Text()]
        if self.check is not None and (self.check.findings or self.check.unknown):
            parts += [findings(self.check, theme), Text()]
        left_out = self._left_out(theme)
        if width < SIDE_BY_SIDE:
            parts += [self._table(width, theme), Text(), self._facts(theme), *left_out]
            return Group(*parts)
        half = width // 2
        beside = Table.grid(padding=0)
        beside.add_column(width=half)
        beside.add_column(width=width - half)
        facts = Padding(Group(self._facts(theme), *left_out), (0, 0, 0, 3))
        beside.add_row(self._table(half, theme), facts)
        return Group(*parts, beside)

    def head(self, theme: Theme) -> Text:
        """The data set's name and what kind it is."""
        kind = {"synthetic": "SYNTHETIC speech", "speech_commands": "Speech Commands"}
        style = f"bold {theme.warn}" if self.meta.kind == "synthetic" else ""
        words = kind.get(self.meta.kind, "a folder of clips")
        return Text.assemble((self.meta.name, "bold"), "  ", (words, style))

    def _left_out(self, theme: Theme) -> list[Text]:
        """The files left out, the first by name."""
        if not self.meta.skipped:
            return []
        parts = [Text("\n").append(f"left out ({self._skipped():,} files)", style=theme.muted)]
        kinds = sorted(self.meta.skipped_reasons.items(), key=lambda one: -one[1])
        for kind, count in kinds[:SHOWN_KINDS]:
            named = [one for one in self.meta.skipped if kind_of(one.reason) == kind_of(kind)]
            if count == 1 and named:
                parts.append(Text(f"  {named[0].name} {named[0].reason}"))
                continue
            names = ", ".join(one.name for one in named[:SHOWN])
            parts.append(Text(f"  {count:,}: {kind} ({names}{', ...' if count > SHOWN else ''})"))
        if more := sum(count for _, count in kinds[SHOWN_KINDS:]):
            parts.append(Text(f"  and {more:,} more (--json)"))
        return parts

    def _skipped(self) -> int:
        return sum(self.meta.skipped_reasons.values())

    def _table(self, width: int, theme: Theme) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=theme.muted)
        table.add_column("word", no_wrap=True)
        for name in (*SPLITS, "all"):
            table.add_column(name, justify="right", no_wrap=True)
        sums = [sum(row[split] for row in self.counts.values()) for split in SPLITS]
        figures = [units.whole(n) for n in (*sums, sum(sums))]
        titles = zip((*SPLITS, "all"), figures, strict=True)
        used = max([8, *map(cell_len, self.counts)]) + sum(max(map(len, t)) for t in titles)
        room = min(width - used - 2 * (len(SPLITS) + 2), LONGEST_BAR)
        most = max(sum(row.values()) for row in self.counts.values())
        if room >= 8:
            table.add_column(_legend(room, theme), no_wrap=True)
        for word, row in self.counts.items():
            whole = [units.whole(n) for n in (*row.values(), sum(row.values()))]
            bar = [stacked(list(row.values()), most, room, theme)] if room >= 8 else []
            table.add_row(Text(word), *whole, *bar)
        table.add_section()
        table.add_row("all", *figures, style="bold")
        if any(self.speakers.values()):
            table.add_row("speakers", *map(units.whole, self.speakers.values()), "")
        return table

    def _facts(self, theme: Theme) -> Table:
        meta, spans = self.meta, self.durations_s
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style=theme.muted, no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(
            "durations",
            f"{spans['min']:.2f} to {spans['max']:.2f} s, median {spans['median']:.2f} s; "
            f"{units.plural(self.short, 'clip')} under one second",
        )
        changed = ", ".join(f"{count:,} {what}" for what, count in meta.changed.items() if count)
        grid.add_row("changed", changed or "nothing")
        for rule in meta.rules:
            grid.add_row("", Text(rule, style=theme.muted))
        if meta.passed_over:
            grid.add_row("passed over", Text("; ".join(meta.passed_over)))
        grid.add_row("splits", Text(meta.split_rule))
        if self.check is None:
            grid.add_row("not checked", f"labbench data check {meta.name}")
        grid.add_row("source", Text(meta.source))
        if meta.attribution:
            grid.add_row("licence", meta.attribution)
        grid.add_row("fingerprint", meta.fingerprint[:16])
        grid.add_row("size", f"{units.size(self.size_bytes)}, made {meta.created}")
        return grid

    def as_json(self) -> dict[str, Any]:
        """All of meta.json, what was counted, and what was found (null: not looked at yet)."""
        return {
            **msgspec.to_builtins(self.meta),
            "clips_by_word": self.counts,
            "speakers": self.speakers,
            "durations_s": self.durations_s,
            "under_one_second": self.short,
            "size_bytes": self.size_bytes,
            "check": msgspec.to_builtins(self.check),
        }

    def as_csv(self) -> str:
        """One row a word."""
        return csv_text(["word", *SPLITS], [[w, *row.values()] for w, row in self.counts.items()])


def stacked(counts: Sequence[int], most: int, width: int, theme: Theme) -> Text:
    """A bar of clips by split, `width` cells where there are `most` of them."""
    bar, done, whole = Text(), 0, 0
    for count, sign, style in zip(counts, BARS, _split_styles(theme), strict=True):
        whole += count
        end = round(whole / max(most, 1) * width)
        bar.append(sign * (end - done), style=style)
        done = end
    return bar


def _split_styles(theme: Theme) -> tuple[str, ...]:
    return (theme.train, theme.validation, theme.published)


def _legend(room: int, theme: Theme) -> Text:
    """What the parts of the bars are, where there is room to say so."""
    names = SPLITS if room >= 29 else ("train", "val", "test") if room >= 21 else ()
    legend = Text()
    for name, sign, style in zip(names, BARS, _split_styles(theme), strict=False):
        legend.append(f"{sign} ", style=style).append(f"{name}  ")
    legend.rstrip()
    return legend


@dataclass(frozen=True, slots=True)
class DataListView:
    """All data sets, the damaged ones too."""

    sets: tuple[Surveyed, ...]

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        return list_of(COLUMNS, self.sets, width, theme)

    def as_json(self) -> list[dict[str, Any]]:
        """One object a data set, without the files left out; a damaged one says what is wrong."""
        return [
            {
                "name": one.name,
                **{k: v for k, v in msgspec.to_builtins(one.meta).items() if k != "skipped"},
                **({"damage": one.damage} if one.damage else {}),
                "size_bytes": one.size_bytes,
            }
            if one.meta is not None
            else {"name": one.name, "damage": one.damage, "size_bytes": one.size_bytes}
            for one in self.sets
        ]

    def as_csv(self) -> str:
        """One row a data set."""
        return csv_text(
            ["name", "kind", "words", *SPLITS, "size_bytes", "damage"],
            [
                [one.name, *_figures(one.meta), one.size_bytes, one.damage or None]
                for one in self.sets
            ],
        )


def _of_meta(
    told: Callable[[Meta], Text | str],
) -> Callable[[Surveyed, Theme], Text | str]:
    """A cell that a data set's meta.json tells, where it can be read."""

    def cell(one: Surveyed, theme: Theme) -> Text | str:
        return units.MISSING if one.meta is None or one.damage else told(one.meta)

    return cell


def _clips_of(split: str) -> Callable[[Surveyed, Theme], Text | str]:
    return _of_meta(lambda meta: units.whole(meta.clips_by_split.get(split)))


def _kind(one: Surveyed, theme: Theme) -> Text | str:
    if one.meta is None or one.damage:
        return Text("damaged", theme.bad)
    return Text(one.meta.kind, theme.warn if one.meta.kind == "synthetic" else "")


def _source(one: Surveyed, theme: Theme) -> Text | str:
    if one.meta is None or one.damage:
        return Text(f"✖ {one.damage}", theme.bad)
    return Text(one.meta.source, theme.muted)


COLUMNS: tuple[ListColumn[Surveyed], ...] = (
    ListColumn("name", lambda one, _: one.name, 16, stretch=True, most=24, least=8),
    ListColumn("kind", _kind, 15, rank=4),
    ListColumn("words", _of_meta(lambda meta: units.whole(len(meta.words))), 5, 2, right=True),
    ListColumn("train", _clips_of("train"), 7, 1, right=True),
    ListColumn("validation", _clips_of("validation"), 10, 1, right=True),
    ListColumn("test", _clips_of("test"), 6, 1, right=True),
    ListColumn("size", lambda one, _: units.size(one.size_bytes), 7, rank=3, right=True),
    ListColumn("source", _source, 20, rank=5, stretch=True, least=12),
)
"""The list of data sets; where one is damaged, what is wrong with it stands for its source."""


def _figures(meta: Meta | None) -> list[Any]:
    if meta is None:
        return [None] * (2 + len(SPLITS))
    return [meta.kind, len(meta.words), *(meta.clips_by_split.get(split) for split in SPLITS)]
