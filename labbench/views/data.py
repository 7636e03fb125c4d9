"""Data sets: one at a glance, and all there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from labbench import units
from labbench.audio.clips import Clips
from labbench.audio.meta import SPLITS, Meta
from labbench.views.columns import Column, fitted
from labbench.views.export import csv_text
from labbench.views.palette import TERMINAL, Theme

SHOWN_SKIPPED = 10


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
        )

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        meta = self.meta
        kind = {"synthetic": "SYNTHETIC speech", "speech_commands": "Speech Commands"}
        head = Text.assemble((meta.name, "bold"), f"  {kind.get(meta.kind, 'a folder of clips')}")
        parts: list[RenderableType] = [head, Text(), self._table(theme), Text(), self._facts(theme)]
        if meta.skipped:
            parts.append(Text(f"\nleft out ({self._skipped():,} files)", style=theme.muted))
            for one in meta.skipped[:SHOWN_SKIPPED]:
                parts.append(Text(f"  {one.name} {one.reason}"))
            if (more := self._skipped() - SHOWN_SKIPPED) > 0:
                parts.append(Text(f"  and {more:,} more (--json names up to 200)"))
        return Group(*parts)

    def _skipped(self) -> int:
        return sum(self.meta.skipped_reasons.values())

    def _table(self, theme: Theme) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style=theme.muted)
        table.add_column("word", no_wrap=True)
        for name in (*SPLITS, "all"):
            table.add_column(name, justify="right", no_wrap=True)
        for word, row in self.counts.items():
            table.add_row(word, *(units.whole(n) for n in (*row.values(), sum(row.values()))))
        table.add_section()
        sums = [sum(row[split] for row in self.counts.values()) for split in SPLITS]
        table.add_row("all", *(units.whole(n) for n in (*sums, sum(sums))), style="bold")
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
        grid.add_row("splits", meta.split_rule)
        grid.add_row("source", meta.source)
        if meta.attribution:
            grid.add_row("licence", meta.attribution)
        grid.add_row("fingerprint", meta.fingerprint[:16])
        grid.add_row("size", f"{units.size(self.size_bytes)}, made {meta.created}")
        return grid

    def as_json(self) -> dict[str, Any]:
        """All of meta.json, and what was counted."""
        return {
            **msgspec.to_builtins(self.meta),
            "clips_by_word": self.counts,
            "speakers": self.speakers,
            "durations_s": self.durations_s,
            "under_one_second": self.short,
            "size_bytes": self.size_bytes,
        }

    def as_csv(self) -> str:
        """One row a word."""
        return csv_text(["word", *SPLITS], [[w, *row.values()] for w, row in self.counts.items()])


@dataclass(frozen=True, slots=True)
class DataListView:
    """All data sets."""

    sets: tuple[Meta, ...]

    def render(
        self, width: int, height: int | None = None, *, theme: Theme = TERMINAL
    ) -> RenderableType:
        def cells(values: Iterable[str], style: str = "") -> list[Text]:
            return [Text(value, style=style) for value in values]

        sets = self.sets
        counts = [
            Column(split, cells(units.whole(m.clips_by_split[split]) for m in sets), right=True)
            for split in SPLITS
        ]
        columns = [
            Column("name", cells(m.name for m in sets), least=8),
            Column("kind", cells(m.kind for m in sets), rank=2),
            Column("words", cells(units.whole(len(m.words)) for m in sets), rank=1, right=True),
            *counts,
            Column("source", cells((m.source for m in sets), theme.muted), rank=3, least=12),
        ]
        return fitted(columns, width, theme)

    def as_json(self) -> list[dict[str, Any]]:
        """One object a data set, without the files left out."""
        return [
            {k: v for k, v in msgspec.to_builtins(meta).items() if k != "skipped"}
            for meta in self.sets
        ]

    def as_csv(self) -> str:
        """One row a data set."""
        return csv_text(
            ["name", "kind", "words", *SPLITS],
            [
                [meta.name, meta.kind, len(meta.words), *(meta.clips_by_split[s] for s in SPLITS)]
                for meta in self.sets
            ],
        )
